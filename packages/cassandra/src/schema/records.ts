import { pause, type StoreFailure } from '@kairos/core/driver'
import type { CassandraRow } from '../connection/client.ts'
import { faultOf } from '../connection/failures.ts'
import type { BoundStatement, Session } from '../connection/session.ts'
import { int, text } from '../values/cql-bytes.ts'

/** A text that many processes agree on, and how often it was replaced. */
export interface Recorded {
  readonly record: string
  readonly generation: number
}

/** A record, where it is. */
export interface RecordKey {
  readonly kind: string
  readonly key: string
}

/** A record that is to be exchanged, as it was seen: for another text, or for none. */
export interface Exchange extends RecordKey {
  readonly before: Recorded
  readonly record: string | null
}

/** Texts by kind and key that are put where absent, and compared and set: by lightweight transactions, a few milliseconds each. */
export class Records {
  readonly #session: Session
  readonly #table: string
  readonly #place: Buffer

  constructor(session: Session, keyspace: string, place: string) {
    this.#session = session
    this.#table = `"${keyspace}".kairos_records`
    this.#place = text(place)
  }

  /** Those of one kind, by key, with what is being decided. */
  async read(kind: string): Promise<Map<string, Recorded>> {
    const query = `SELECT key, record, generation FROM ${this.#table} WHERE place = ? AND kind = ?`
    const rows = await retryContention(() => this.#session.readSerial(query, [this.#place, text(kind)]))
    return new Map(rows.map((row) => [row.key as string, recordedOf(row)]))
  }

  /** Those of some kinds, each by its key, as they were decided before this is asked: one small read. */
  async look(kinds: readonly string[]): Promise<readonly ReadonlyMap<string, Recorded>[]> {
    const query = `SELECT kind, key, record, generation FROM ${this.#table} WHERE place = ? AND kind IN (${kinds.map(() => '?').join(', ')})`
    const rows = await this.#session.readQuorum(query, [this.#place, ...kinds.map(text)])
    return kinds.map(
      (kind) =>
        new Map(rows.filter((row) => row.kind === kind).map((row) => [row.key as string, recordedOf(row)] as const)),
    )
  }

  /** Whether it was absent, and now is this. */
  putIfAbsent(kind: string, key: string, record: string): Promise<boolean> {
    const query = `INSERT INTO ${this.#table} (place, kind, key, record, generation) VALUES (?, ?, ?, ?, ?) IF NOT EXISTS`
    const values = [this.#place, text(kind), text(key), text(record), int(0)]
    const outcome = { kind, key, before: undefined, after: { record, generation: 0 } }
    return this.#decide([{ query, values }], [outcome])
  }

  /** Whether it still was `before`, and now is `record`, a generation later. */
  replace(kind: string, key: string, before: Recorded, record: string): Promise<boolean> {
    return this.exchange([{ kind, key, before, record }])
  }

  /** Whether all of them still were as they were seen, and now are exchanged: all or none. */
  exchange(exchanges: readonly Exchange[]): Promise<boolean> {
    return this.#decide(
      exchanges.map((exchange) => this.#exchanging(exchange)),
      exchanges.map(({ kind, key, before, record }) => ({
        ...{ kind, key, before },
        after: record === null ? undefined : { record, generation: before.generation + 1 },
      })),
    )
  }

  #exchanging({ kind, key, before, record }: Exchange): BoundStatement {
    const row = [this.#place, text(kind), text(key)]
    const seen = [text(before.record), int(before.generation)]
    const condition = 'WHERE place = ? AND kind = ? AND key = ? IF record = ? AND generation = ?'
    if (record === null) return { query: `DELETE FROM ${this.#table} ${condition}`, values: [...row, ...seen] }
    return {
      query: `UPDATE ${this.#table} SET record = ?, generation = ? ${condition}`,
      values: [text(record), int(before.generation + 1), ...row, ...seen],
    }
  }

  /** One that timed out may have been applied or not: whoever asks looks first, and tries again while nothing has changed. */
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

/** What a transaction makes of a record; undefined: there is none. */
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
 * Transactions on one partition, reads among them, get in each other's way, and time out within milliseconds: they are made to be tried again after
 * a random while. This is part of asking, and no retry of a call, which is core's.
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

/** It was sent, and what came of it was not heard; a node that is not there is core's to wait for. */
function isUnknown(error: unknown): boolean {
  return !faultOf((error as Error).cause).notApplied
}

function isSame(a: Recorded | undefined, b: Recorded | undefined): boolean {
  return a?.record === b?.record && a?.generation === b?.generation
}
