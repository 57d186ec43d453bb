import type { DriverCallOptions } from './call-options.ts'
import type { EventCapabilities, EventSchema, EventStorage } from './events.ts'

/** What a bucket of a timeseries holds. */
export type TimeseriesType = 'series' | 'histogram' | 'count' | 'gauge' | 'set'

/**
 * One value as drivers see it, checked and normalised by core. By valueType: float and int `number` (never -0), int64 `bigint`,
 * boolean `boolean`, blob `Uint8Array`, datetime `number` (milliseconds since the epoch), all others `string` (well-formed Unicode, canonical).
 */
export type Scalar = number | bigint | string | boolean | Uint8Array

/**
 * What a cell holds, by type. Writes and reads use the same shapes; none is ever empty. A write's change belongs to core: a driver copies what it
 * keeps. The result of a read belongs to the reader: later writes do not change it, and core passes it on to the caller.
 */
export interface CellValues {
  /** in order of arrival */
  readonly series: readonly Scalar[]
  /** value -> times seen, each at least 1 */
  readonly histogram: ReadonlyMap<Scalar, number>
  readonly count: number
  readonly gauge: Scalar
  readonly set: ReadonlySet<Scalar>
}
/** What a cell of a type holds. */
export type CellValue<Type extends TimeseriesType = TimeseriesType> = CellValues[Type]

/** A place inside one interval. */
export interface CellPosition {
  readonly name: string
  readonly bucket: number
  /** 0, without meaning, in an interval without resolution. */
  readonly resolutionBucket: number
}

/** A change to one cell: append (series), add the times (histogram), add (count), replace (gauge), unite (set). */
export interface CellWrite<Type extends TimeseriesType = TimeseriesType> extends CellPosition {
  readonly interval: string
  readonly change: CellValue<Type>
}

/** A cell, or a part of one: a series, histogram or set may come in several; core joins them. */
export interface StoredCell<Type extends TimeseriesType = TimeseriesType> extends CellPosition {
  readonly value: CellValue<Type>
}

/** First and last bucket of a range, both included. */
export interface BucketRange {
  readonly first: number
  readonly last: number
}

/** The oldest live bucket of each interval; buckets before it have expired. The only form in which a driver sees "now". */
export type OldestLive = Readonly<Record<string, number>>

/**
 * What a driver adds to the option types of its timeseries: a type only, never a value.
 * @example `type RedisDriver = StorageDriver<{ write: { pipeline?: Pipeline }; fetch: RedisFetch }>`
 */
export interface DriverOptionTypes {
  /** The driver's own options of `insert` and `bulkInsert`. */
  readonly write?: object
  /** The driver's own options of the reads. */
  readonly read?: object
  /** The type of the reads' `fetch`. */
  readonly fetch?: unknown
}

/**
 * A driver: an object that opens a store. The memory driver (`src/drivers/memory.ts`) is a complete example.
 * @example `const driver: StorageDriver = { spec: 1, id: 'mine', capabilities, open, close }`
 */
export interface StorageDriver<Options extends DriverOptionTypes = {}> {
  readonly spec: 1
  /** For messages: 'redis'. Core never branches on it. */
  readonly id: string
  readonly capabilities: Capabilities
  /** Never set: carries the option types to the compiler. */
  readonly optionTypes?: Options
  /**
   * Prepares the store and adds the records that are missing, of the schema and of each interval; changes no others, except those in `replace`.
   * Idempotent, and safe in many processes at once. Core makes no other call before it resolves. A driver object may be opened many times,
   * with different types and intervals.
   */
  open(schema: StoreSchema, options?: OpenOptions): Promise<OpenedStore>
  /**
   * With `capabilities.events`: prepares the store for one namespace of event streams. Idempotent, and safe in many processes at once. A driver
   * object may open many namespaces, and each many times. Does not require `open`.
   */
  openEvents?(schema: EventSchema, options?: DriverCallOptions): Promise<EventStorage>
  /** Releases what the driver opened itself, never a client that the caller passed in. Idempotent. */
  close(): Promise<void>
}

/** The options of `open`. */
export interface OpenOptions extends DriverCallOptions {
  /**
   * Records as core saw them. Each that is unchanged and covers no live cell (by `oldestLive`) is replaced by the one given to `open`, and the
   * cells left under it are deleted: those of an interval, or with `schema` all of them, whose columns are created again. One that has changed,
   * or covers a live cell, stays. Check and replacement are one step: no acknowledged cell is deleted by it. A store that cannot do both in one
   * step leases its records: see `createLease` in the toolkit.
   */
  readonly replace?: Partial<Records>
  /**
   * With `replace`: for each interval that is recorded, from which bucket on its cells are live. With `schema`, all recorded intervals are
   * named; an interval that core does not know is live from the first bucket on.
   */
  readonly oldestLive?: OldestLive
}

/** What `open` resolves to. */
export interface OpenedStore {
  readonly store: CellStore
  /** The current records, of all intervals ever recorded at this place and type, including the schema's. */
  readonly records: Records
  /**
   * If the store expires cells by its own clock: that clock in Unix seconds, read during `open`. Core warns if it differs, and computes
   * `expiresAt` by it.
   */
  readonly clock?: number
}

/**
 * Canonical texts of what must not change while data is stored; kept and compared as they are. Their content is up to core: a JSON object with
 * a `version`. Core never replaces a record with an unknown version or key.
 */
export interface Records {
  /** type and valueType: one for all intervals at this place (prefix, table, collection). */
  readonly schema: string
  /** By interval: step and resolution. */
  readonly intervals: Readonly<Record<string, string>>
}

/** Plain data, read by core, the documentation and the test kit. */
export interface Capabilities {
  /** What deletes expired cells. native: the store, late but never early; sweep: `sweep`; none: nothing, core only hides them. */
  readonly expiry: Readonly<Record<TimeseriesType, 'native' | 'sweep' | 'none'>>
  /** Counts may be 0.5. */
  readonly fractionalCounts: boolean
  /**
   * A WriteBatch with an `id` that is written again adds nothing: always by the process that made it, and for `seconds` after it was stored
   * by any process, in which case `write` resolves to `{ repeated: true }`. 0: only by the process that made it.
   */
  readonly exactlyOnce: false | { readonly seconds: number }
  /** The types that can be opened; absent: series, histogram, count, gauge and set. Core refuses others by name. */
  readonly types?: readonly TimeseriesType[]
  /** The store has `fetch`. */
  readonly customFetch: boolean
  /** The driver's own options of writes and of reads ('pipeline', 'session'); core passes these on and refuses any other unknown option. */
  readonly writeOptions: readonly string[]
  readonly readOptions: readonly string[]
  /** The driver has `openEvents`; absent: it does not support event streams. */
  readonly events?: EventCapabilities
  /** In code points; core refuses longer names, and longer values of valueType `string`, before any I/O. */
  readonly maxStringLength?: number
  /** In UTF-8; core refuses longer names, and longer values of histograms and sets, before any I/O. */
  readonly maxNameBytes?: number
  readonly maxKeyBytes?: number
  /** Of an interval's name, in UTF-8; core refuses longer ones before any I/O. */
  readonly maxIntervalBytes?: number
  /**
   * The largest absolute value of a count's change, or of a histogram's times; core refuses larger ones before any I/O. For a store that cannot
   * check whether a sum stays finite: 2^969, since no store ever adds up enough of these to overflow.
   */
  readonly maxChange?: number
}

/** What to open: a type, a valueType and intervals. */
export interface StoreSchema {
  readonly type: TimeseriesType
  readonly valueType: string
  readonly record: string
  readonly intervals: Readonly<Record<string, IntervalSchema>>
}

/** What a driver must know about an interval. */
export interface IntervalSchema {
  readonly record: string
  /** Whether buckets are divided into resolution buckets. */
  readonly hasResolution: boolean
  /** The most resolution buckets inside one bucket; 1 without resolution. Constant for a record, so it can size chunks and partitions. */
  readonly fanOut: number
  /** The resolution buckets inside `bucket`; 0 to 0 without resolution. With a calendar resolution, integers between them may not be buckets (20240132). */
  resolutionRange(bucket: number): BucketRange
  /**
   * When `bucket` expires, in whole seconds of the store's clock; null: never, or after the year 9999. Accepts any integer, even one that is
   * not a bucket (20240299), and never decreases as it grows: a store that packs buckets asks for the last integer of the pack.
   */
  expiresAt(bucket: number): number | null
}

/** What one `write` stores. */
export interface WriteBatch<Type extends TimeseriesType = TimeseriesType> {
  /**
   * Sorted by name and interval (code units), bucket, resolution bucket; no cell twice, none expired; at most 10,000 cells with at most
   * 50,000 values in total.
   */
  readonly cells: readonly CellWrite<Type>[]
  /** For every interval of the schema. */
  readonly oldestLive: OldestLive
  /**
   * Present for exactly-once writes, at most 1,004 characters: `id:…`, made by core and unique; or `key:…`, the caller's, which another process
   * may use again for the same write. Ids at different places are independent. A retry passes the same batch object.
   */
  readonly id?: string
}

/** What `write` may resolve to. */
export interface WriteReceipt {
  /** Another call stored a batch with this `id` before: this one added nothing. */
  readonly repeated?: boolean
}

/** Which cells to read. */
export interface CellQuery {
  /** At least one, without duplicates. */
  readonly names: readonly string[]
  readonly interval: string
  readonly range: BucketRange
}

/** A cell as the caller's own read returned it. */
export interface FetchedCell extends CellPosition {
  /**
   * The argument of `processRow`: for a series, histogram or set always a list of rows in order, even of one; for a count or gauge the single
   * row.
   */
  readonly row: unknown
}

/** An opened store of cells. Every method rejects with a StoreFailure, or a WriteFailure for `write`. */
export interface CellStore {
  /**
   * Merges each cell's change atomically; every other call sees it once this resolves, under records that are current at that moment. Rejects with a WriteFailure unless everything is known to
   * be stored; a cell that the failure does not list is stored. Never repeats a change that may have been applied.
   *
   * A count, or a histogram's times for a value, whose sum would not be finite is refused with its whole cell: that stays as it is, and the failure
   * lists it in `notApplied` with `retry: 'never'`; the other cells of the batch are stored. Only a change of 2^970 or more can make a finite sum infinite.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a store that remembers no ids has nothing to resolve to
  write(batch: WriteBatch, options?: DriverCallOptions): Promise<WriteReceipt | void>
  /**
   * The cells of the range in any order, except that the parts of a series cell are in order of arrival. May include expired cells. Holds no
   * connection between its pages.
   */
  read(query: CellQuery, options?: DriverCallOptions): Promise<readonly StoredCell[]>
  /** The exact smallest and largest bucket of the range in which any of the names has a cell; null: none. */
  bounds(query: CellQuery, options?: DriverCallOptions): Promise<BucketRange | null>
  /**
   * Every name with a live cell in an interval of `oldestLive` (which may be one that is recorded, but not in the schema), and no other;
   * any order, repeats allowed.
   */
  names(oldestLive: OldestLive, options?: DriverCallOptions): Promise<readonly string[]>
  /** Deletes the cells of these names, or of all, in the schema's intervals; records stay. Earlier acknowledged writes are gone, later ones stay. */
  delete(names: readonly string[] | null, options?: DriverCallOptions): Promise<void>
  /** For expiry 'sweep': deletes the cells before `oldestLive` in its intervals, in bounded batches; resolves to how many. */
  sweep?(oldestLive: OldestLive, names: readonly string[] | null, options?: DriverCallOptions): Promise<number>
  /**
   * With `customFetch`: the caller's read instead of `read`, one entry per cell. It may include rows of other names or outside the range; core
   * drops them.
   */
  fetch?(query: CellQuery, callerFetch: unknown, options?: DriverCallOptions): Promise<readonly FetchedCell[]>
  /** With `customFetch`: decodes the `row` of a FetchedCell as `read` would, if the caller passed no `processRow`. */
  decodeRow?(row: unknown): CellValue
}

/**
 * What a call rejects with if it knows whether a retry may help; any other error means 'never'. Only core retries; it repeats reads, `open`,
 * `delete` and `sweep` as they are.
 */
export interface StoreFailure extends Error {
  readonly retry: 'now' | 'later' | 'never'
  /**
   * The record that this store was opened with has been replaced: nothing of the call was read or, of a write that does not list its cells,
   * applied, and no call of this store will succeed. Core throws KAIROS_CONFIG_CHANGED. Every call of a CellStore must check this. A store with a
   * lease checks it before the call and confirms it after the answer: no answer that came after a replacement counts. A write which learns of it
   * only then lists in `maybeApplied` what it has sent.
   */
  readonly configChanged?: boolean
  /**
   * In the caller's transaction: the database has ended it and rolled it back, so that what earlier requests wrote in it is not stored either. Every
   * further call in it must reject, since the database would commit its statements at once.
   */
  readonly transactionEnded?: boolean
  /**
   * In the caller's transaction: an error of the client that its own helpers look for, as MongoDB's `withTransaction` looks for one that says the
   * transaction may be repeated. What core throws is then also an instance of its class, with its fields.
   */
  readonly clientError?: Error
}

/**
 * What `write` rejects with: a plain shape, so that two copies of core understand each other. Cells are those of the batch or, if the driver
 * split one, a copy with that part; none twice in a list. Any other rejection means that all of the batch may have been applied.
 */
export interface WriteFailure extends StoreFailure {
  /** Not stored: core writes them again. */
  readonly notApplied: readonly CellWrite[]
  /** Possibly stored: core writes them again only where that adds nothing (gauge, set, exactly-once). */
  readonly maybeApplied: readonly CellWrite[]
}
