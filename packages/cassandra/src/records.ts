import { int, text } from './bytes.ts'
import type { Session } from './session.ts'

/** A text that many processes agree on, and how often it was replaced. */
export interface Record {
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

  async read(kind: string): Promise<Map<string, Record>> {
    const query = `SELECT key, record, generation FROM ${this.#table} WHERE place = ? AND kind = ?`
    const rows = await this.#session.decided(query, [this.#place, text(kind)])
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
    return this.#session.decide(query, [this.#place, text(kind), text(key), text(record), int(0)])
  }

  /** Whether it still was `before`, and now is `record`, a generation later. */
  replace(kind: string, key: string, before: Record, record: string): Promise<boolean> {
    const query = `UPDATE ${this.#table} SET record = ?, generation = ? WHERE place = ? AND kind = ? AND key = ? IF record = ? AND generation = ?`
    return this.#session.decide(query, [
      ...[text(record), int(before.generation + 1), this.#place, text(kind), text(key)],
      ...[text(before.record), int(before.generation)],
    ])
  }
}
