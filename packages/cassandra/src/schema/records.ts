import { setTimeout as sleep } from 'node:timers/promises'
import type { StoreFailure } from '@kairos/core/driver'
import type { Session } from '../connection/session.ts'
import { int, text } from '../values/cql-bytes.ts'

/** A text that many processes agree on, and how often it was replaced. */
export interface Recorded {
  readonly record: string
  readonly generation: number
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

  async read(kind: string): Promise<Map<string, Recorded>> {
    const query = `SELECT key, record, generation FROM ${this.#table} WHERE place = ? AND kind = ?`
    const rows = await undisturbed(() => this.#session.decided(query, [this.#place, text(kind)]))
    return new Map(
      rows.map(({ key, record, generation }) => [
        key as string,
        { record: record as string, generation: generation as number },
      ]),
    )
  }

  /** Whether it was absent, and now is this. */
  putIfAbsent(kind: string, key: string, record: string): Promise<boolean> {
    const query = `INSERT INTO ${this.#table} (place, kind, key, record, generation) VALUES (?, ?, ?, ?, ?) IF NOT EXISTS`
    const values = [this.#place, text(kind), text(key), text(record), int(0)]
    return this.#decide(kind, key, undefined, { record, generation: 0 }, () => this.#session.decide(query, values))
  }

  /** Whether it still was `before`, and now is `record`, a generation later. */
  replace(kind: string, key: string, before: Recorded, record: string): Promise<boolean> {
    const generation = before.generation + 1
    const query = `UPDATE ${this.#table} SET record = ?, generation = ? WHERE place = ? AND kind = ? AND key = ? IF record = ? AND generation = ?`
    const values = [
      ...[text(record), int(generation), this.#place, text(kind), text(key)],
      ...[text(before.record), int(before.generation)],
    ]
    return this.#decide(kind, key, before, { record, generation }, () => this.#session.decide(query, values))
  }

  /** One that timed out may have been applied or not: whoever asks looks first, and tries again while nothing has changed. */
  #decide(
    kind: string,
    key: string,
    before: Recorded | undefined,
    after: Recorded,
    transact: () => Promise<boolean>,
  ): Promise<boolean> {
    return undisturbed(async (attempt) => {
      if (attempt > 1) {
        const now = (await this.read(kind)).get(key)
        if (isSame(now, after)) return true
        if (!isSame(now, before)) return false
      }
      return transact()
    })
  }
}

const ATTEMPTS = 10
const LONGEST_PAUSE = 500

/**
 * Transactions on one partition, reads among them, get in each other's way, and time out within milliseconds: they are made to be tried again after
 * a random while. This is part of asking, and no retry of a call, which is core's.
 */
async function undisturbed<T>(ask: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask(attempt)
    } catch (error) {
      if (attempt === ATTEMPTS || (error as StoreFailure).retry === 'never' || !isTimeout(error)) throw error
      await sleep(Math.random() * LONGEST_PAUSE * (attempt / ATTEMPTS))
    }
  }
}

/** The server's word for it; a node that does not answer at all is core's to wait for. */
function isTimeout(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as { code?: unknown }
  return code === 0x1100 || code === 0x1200
}

function isSame(a: Recorded | undefined, b: Recorded | undefined): boolean {
  return a?.record === b?.record && a?.generation === b?.generation
}
