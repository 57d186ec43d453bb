import { pause, type StoreFailure } from '@kairos/core/driver'
import type { CassandraRow } from '../connection/client.ts'
import { faultOf } from '../connection/lost-answers.ts'
import type { BoundStatement, Session } from '../connection/session.ts'
import { int, text } from '../values/cql-bytes.ts'

/** The table of all records. */
export const RECORDS = 'kairos_records'

/** A text that all processes agree on, and how often it has been replaced. */
export interface Recorded {
  readonly record: string
  readonly generation: number
}

/** Where a record is. */
export interface RecordKey {
  readonly kind: string
  readonly key: string
}

/** A record, as it was read (undefined: there was none), that is to be replaced by another text, or to be removed. */
export interface Exchange extends RecordKey {
  readonly before: Recorded | undefined
  readonly record: string | null
  /** Texts that change with it, whatever they were. */
  readonly beside?: readonly Beside[]
}

/** A text beside a record; null: it is removed. */
export interface Beside extends RecordKey {
  readonly text: string | null
}

/** What is recorded of something that was dropped. Its generation stays, so that no process takes a later record for the one it knows. */
export const DROPPED = ''

/** The records of what was not dropped. */
export function withoutDropped(records: ReadonlyMap<string, Recorded>): Map<string, Recorded> {
  return new Map([...records].filter(([, { record }]) => record !== DROPPED))
}

/** Texts by kind and key, inserted if absent and replaced by compare-and-set: with lightweight transactions, a few milliseconds each. */
export class Records {
  readonly #session: Session
  readonly #table: string
  readonly #place: Buffer

  constructor(session: Session, keyspace: string, place: string) {
    this.#session = session
    this.#table = `"${keyspace}".${RECORDS}`
    this.#place = text(place)
  }

  /** The records of one kind by key, including those that a transaction is just writing. */
  async read(kind: string): Promise<Map<string, Recorded>> {
    const query = `SELECT key, record, generation FROM ${this.#table} WHERE place = ? AND kind = ?`
    const rows = await retryContention(() => this.#session.readSerial(query, [this.#place, text(kind)]))
    return new Map(rows.map((row) => [row.key as string, recordedOf(row)]))
  }

  /** All records by kind and key, as acknowledged before this call. */
  async all(): Promise<ReadonlyMap<string, ReadonlyMap<string, Recorded>>> {
    const query = `SELECT kind, key, record, generation FROM ${this.#table} WHERE place = ?`
    const kinds = new Map<string, Map<string, Recorded>>()
    for (const row of await this.#session.readQuorum(query, [this.#place])) {
      const records = kinds.get(row.kind as string) ?? new Map<string, Recorded>()
      kinds.set(row.kind as string, records.set(row.key as string, recordedOf(row)))
    }
    return kinds
  }

  /** The records of several kinds by key, as acknowledged before this call: one small read. */
  async look(kinds: readonly string[]): Promise<readonly ReadonlyMap<string, Recorded>[]> {
    const query = `SELECT kind, key, record, generation FROM ${this.#table} WHERE place = ? AND kind IN (${kinds.map(() => '?').join(', ')})`
    const rows = await this.#session.readQuorum(query, [this.#place, ...kinds.map(text)])
    return kinds.map(
      (kind) =>
        new Map(rows.filter((row) => row.kind === kind).map((row) => [row.key as string, recordedOf(row)] as const)),
    )
  }

  /** Inserts the record if there is none; resolves to whether it did. */
  putIfAbsent(kind: string, key: string, record: string): Promise<boolean> {
    return this.exchange([{ kind, key, before: undefined, record }])
  }

  /** Replaces `before` by `record`, a generation later; resolves to whether it did: false if the record was no longer `before`. */
  replace(kind: string, key: string, before: Recorded, record: string): Promise<boolean> {
    return this.exchange([{ kind, key, before, record }])
  }

  /** Exchanges all of these records, or none if one of them was no longer as it was read; resolves to whether it did. */
  exchange(exchanges: readonly Exchange[]): Promise<boolean> {
    return this.#decide(
      exchanges.flatMap((exchange) => [
        this.#exchanging(exchange),
        ...(exchange.beside ?? []).map((beside) => this.#setting(beside)),
      ]),
      exchanges.map(({ kind, key, before, record }) => ({
        ...{ kind, key, before },
        after: record === null ? undefined : { record, generation: generationAfter(before) },
      })),
    )
  }

  /** Removes all records of kinds that nothing reads any more. */
  async removeKinds(kinds: readonly string[], timestamp: number): Promise<void> {
    const query = `DELETE FROM ${this.#table} WHERE place = ? AND kind = ?`
    const statements = kinds.map((kind) => ({ query, values: [this.#place, text(kind)] }))
    await this.#session.write(statements, timestamp)
  }

  #exchanging({ kind, key, before, record }: Exchange): BoundStatement {
    const row = [this.#place, text(kind), text(key)]
    if (before === undefined) {
      const query = `INSERT INTO ${this.#table} (place, kind, key, record, generation) VALUES (?, ?, ?, ?, ?) IF NOT EXISTS`
      return { query, values: [...row, text(record ?? DROPPED), int(0)] }
    }
    const seen = [text(before.record), int(before.generation)]
    const condition = 'WHERE place = ? AND kind = ? AND key = ? IF record = ? AND generation = ?'
    if (record === null) return { query: `DELETE FROM ${this.#table} ${condition}`, values: [...row, ...seen] }
    return {
      query: `UPDATE ${this.#table} SET record = ?, generation = ? ${condition}`,
      values: [text(record), int(before.generation + 1), ...row, ...seen],
    }
  }

  #setting({ kind, key, text: own }: Beside): BoundStatement {
    const row = [this.#place, text(kind), text(key)]
    if (own === null)
      return { query: `DELETE FROM ${this.#table} WHERE place = ? AND kind = ? AND key = ?`, values: row }
    const query = `INSERT INTO ${this.#table} (place, kind, key, record, generation) VALUES (?, ?, ?, ?, ?)`
    return { query, values: [...row, text(own), int(0)] }
  }

  /** A transaction that timed out may have been applied: so this reads the records first, and tries again only if nothing has changed. */
  #decide(statements: readonly BoundStatement[], outcomes: readonly Outcome[]): Promise<boolean> {
    return retryContention(async (attempt) => {
      if (attempt > 1) {
        const now = await Promise.all(outcomes.map(async ({ kind, key }) => (await this.read(kind)).get(key)))
        if (outcomes.every(({ after }, index) => isSame(now[index], after))) return true
        if (!outcomes.every(({ before }, index) => isSame(now[index], before))) return false
      }
      return this.#session.transact(statements)
    })
  }
}

/** The generation of the record after this one. */
export function generationAfter(before: Recorded | undefined): number {
  return before === undefined ? 0 : before.generation + 1
}

/** A record before and after a transaction; undefined: no record. */
interface Outcome extends RecordKey {
  readonly before: Recorded | undefined
  readonly after: Recorded | undefined
}

function recordedOf({ record, generation }: CassandraRow): Recorded {
  return { record: record as string, generation: generation as number }
}

const ATTEMPTS = 10
const LONGEST_PAUSE = 500

/**
 * Transactions on one partition, even reads, contend with each other and time out within milliseconds; Cassandra expects them to be repeated after a
 * random pause. That is part of a transaction, not the retry of a call, which is up to core.
 */
async function retryContention<T>(ask: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask(attempt)
    } catch (error) {
      if (attempt === ATTEMPTS || (error as StoreFailure).retry === 'never' || !isUnknown(error)) throw error
      await pause(Math.random() * LONGEST_PAUSE * (attempt / ATTEMPTS))
    }
  }
}

/** Whether it was sent and its outcome is unknown. If no node could be reached, core decides how long to wait. */
function isUnknown(error: unknown): boolean {
  return !faultOf((error as Error).cause).notApplied
}

function isSame(a: Recorded | undefined, b: Recorded | undefined): boolean {
  return a?.record === b?.record && a?.generation === b?.generation
}
