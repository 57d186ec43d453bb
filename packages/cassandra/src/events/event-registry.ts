import { type KeyRange, pack } from '@kairos/core/driver'
import { pagesOfRows } from '../connection/page-size.ts'
import type { BoundStatement } from '../connection/session.ts'
import { SHARDS, shardOf } from '../registry/registry.ts'
import { bigint, int, text, toNumber } from '../values/cql-bytes.ts'
import { type EventContext, type Partition, windowOf } from './layout.ts'

/** Maximum number of registrations that a process remembers; a forgotten one is made again. */
const MOST_KNOWN = 50_000
const PAGES = pagesOfRows(1_000)
/** Overhead of a registration besides its texts, in bytes. */
const ROW_BYTES = 40

/** A registered partition of a stream. */
export interface RegisteredPartition extends Partition {
  /** When it was last registered, in microseconds since the epoch. */
  readonly touched: number
}

/** A registered stream. */
export interface RegisteredStream {
  readonly stream: string
  /** When it was last registered, in microseconds since the epoch. */
  readonly touched: number
}

/**
 * Says which streams may exist, and which partitions they have. They are registered before their first event, so that no read scans, or asks for
 * windows that never existed. Deletes keep registrations; one without events is collected when it is too old for any process to rely on.
 */
export class EventRegistry {
  readonly #context: EventContext
  readonly #windows: string
  readonly #streams: string
  /** When this process registered a partition, in milliseconds since the epoch. */
  readonly #known = new Map<string, number>()

  constructor(context: EventContext) {
    this.#context = context
    this.#windows = `"${context.keyspace}".kairos_event_windows`
    this.#streams = `"${context.keyspace}".kairos_event_streams`
  }

  /**
   * Registers partitions and their stream, unless this process did so recently.
   * @throws StoreFailure
   */
  async register(stream: string, partitions: readonly Partition[]): Promise<void> {
    const { session, clock, timings, namespace } = this.#context
    const now = clock.now()
    const nameOf = ({ win, shard }: Partition): string => `${stream} ${win} ${shard}`
    const missing = partitions.filter(
      (partition) => now - (this.#known.get(nameOf(partition)) ?? Number.NEGATIVE_INFINITY) > timings.trustRegistration,
    )
    if (missing.length === 0) return
    const touched = clock.tick()
    const weight = stream.length + namespace.length + ROW_BYTES
    const limits = { weightOf: () => weight, maxWeight: timings.batchBytes, maxItems: missing.length }
    const writes = Array.from(pack(missing, limits), (batch) =>
      batch.map((partition) => this.#insertWindow(stream, partition, touched)),
    )
    writes.push([this.#insertStream(stream, touched)])
    await Promise.all(writes.map((statements) => session.write(statements, touched)))
    if (this.#known.size + missing.length > MOST_KNOWN) this.#known.clear()
    for (const partition of missing) this.#known.set(nameOf(partition), now)
  }

  /**
   * The partitions of a stream whose windows overlap a range, window by window.
   * @throws StoreFailure
   */
  async *partitions(
    stream: string,
    { first, last }: KeyRange,
    order: 'ascending' | 'descending',
  ): AsyncGenerator<RegisteredPartition> {
    const query =
      `SELECT win, shard, touched FROM ${this.#windows} WHERE place = ? AND namespace = ? AND stream = ? AND win >= ? AND win <= ?` +
      (order === 'descending' ? ' ORDER BY win DESC, shard DESC' : '')
    const values = [...this.#streamValues(stream), int(windowOf(first)), int(windowOf(last))]
    for await (const { win, shard, touched } of this.#context.session.rows(query, values, PAGES))
      yield { win: win as number, shard: shard as number, touched: toNumber(touched) }
  }

  /**
   * Every stream that was registered and not collected since.
   * @throws StoreFailure
   */
  async *streams(): AsyncGenerator<RegisteredStream> {
    const { session, place, namespace } = this.#context
    const query = `SELECT stream, touched FROM ${this.#streams} WHERE place = ? AND namespace = ? AND shard = ?`
    for (let shard = 0; shard < SHARDS; shard++) {
      for await (const { stream, touched } of session.rows(query, [text(place), text(namespace), int(shard)]))
        yield { stream: stream as string, touched: toNumber(touched) }
    }
  }

  /** Whether a registration is so old that no process relies on it. */
  outdated({ touched }: { readonly touched: number }): boolean {
    return this.#context.clock.now() - touched / 1000 > this.#context.timings.collectAfter
  }

  /**
   * Removes the registration of an empty partition, unless it was renewed since.
   * @throws StoreFailure
   */
  async collectPartition(stream: string, { win, shard, touched }: RegisteredPartition): Promise<void> {
    const query = `DELETE FROM ${this.#windows} WHERE place = ? AND namespace = ? AND stream = ? AND win = ? AND shard = ?`
    await this.#collect({ query, values: [...this.#streamValues(stream), int(win), int(shard)] }, touched)
  }

  /**
   * Removes the registration of a stream without partitions, unless it was renewed since.
   * @throws StoreFailure
   */
  async collectStream({ stream, touched }: RegisteredStream): Promise<void> {
    const query = `DELETE FROM ${this.#streams} WHERE place = ? AND namespace = ? AND shard = ? AND stream = ?`
    const { place, namespace } = this.#context
    await this.#collect({ query, values: [text(place), text(namespace), int(shardOf(stream)), text(stream)] }, touched)
  }

  async #collect(statement: BoundStatement, touched: number): Promise<void> {
    await this.#context.session.write([statement], touched)
  }

  #insertWindow(stream: string, { win, shard }: Partition, touched: number): BoundStatement {
    return {
      query: `INSERT INTO ${this.#windows} (place, namespace, stream, win, shard, touched) VALUES (?, ?, ?, ?, ?, ?)`,
      values: [...this.#streamValues(stream), int(win), int(shard), bigint(touched)],
    }
  }

  #insertStream(stream: string, touched: number): BoundStatement {
    const { place, namespace } = this.#context
    return {
      query: `INSERT INTO ${this.#streams} (place, namespace, shard, stream, touched) VALUES (?, ?, ?, ?, ?)`,
      values: [text(place), text(namespace), int(shardOf(stream)), text(stream), bigint(touched)],
    }
  }

  #streamValues(stream: string): Buffer[] {
    const { place, namespace } = this.#context
    return [text(place), text(namespace), text(stream)]
  }
}
