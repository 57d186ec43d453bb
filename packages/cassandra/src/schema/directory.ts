import type { ServerClock } from '../connection/server-clock.ts'
import type { Session } from '../connection/session.ts'
import { int, text } from '../values/cql-bytes.ts'
import type { Place } from './place.ts'
import { RECORDS } from './records.ts'

/** A place that was opened once; only its records say whether it still is. */
export interface KnownPlace {
  readonly key: string
  /** Of the timeseries; undefined: it has none. */
  readonly name: string | undefined
}

const KIND = text('place')

/** The places of one `tableName`, or of none: a partition of `kairos_records`, so that none is found by scanning. */
export class Directory {
  readonly #session: Session
  readonly #clock: ServerClock
  readonly #table: string
  /** No place's key begins with a colon. */
  readonly #partition: Buffer

  constructor(session: Session, clock: ServerClock, keyspace: string, tableName: string | undefined) {
    this.#session = session
    this.#clock = clock
    this.#table = `"${keyspace}".${RECORDS}`
    this.#partition = text(`:${tableName ?? ''}`)
  }

  /** Adds a place; before its first record, so that none that is recorded is missing. */
  async add({ key, name }: Place): Promise<void> {
    const query = `INSERT INTO ${this.#table} (place, kind, key, record, generation) VALUES (?, ?, ?, ?, ?)`
    const values = [this.#partition, KIND, text(key), text(name ?? ''), int(0)]
    await this.#session.write([{ query, values }], this.#clock.tick())
  }

  /** Removes a place, unless it was added after `timestamp`. */
  async remove({ key }: Place, timestamp: number): Promise<void> {
    const query = `DELETE FROM ${this.#table} WHERE place = ? AND kind = ? AND key = ?`
    await this.#session.write([{ query, values: [this.#partition, KIND, text(key)] }], timestamp)
  }

  async list(): Promise<KnownPlace[]> {
    const query = `SELECT key, record FROM ${this.#table} WHERE place = ? AND kind = ?`
    const places: KnownPlace[] = []
    await this.#session.thorough.eachRow(query, [this.#partition, KIND], ({ key, record }) => {
      places.push({ key: key as string, name: record === '' ? undefined : (record as string) })
    })
    return places
  }
}
