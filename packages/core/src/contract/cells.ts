import type { EventCapabilities, EventSchema, EventStorage } from './events.ts'

export type TimeseriesType = 'series' | 'histogram' | 'count' | 'gauge' | 'set'

/**
 * One value as drivers meet it, checked and normalised by core. By valueType: float and int `number` (never -0), int64 `bigint`,
 * boolean `boolean`, blob `Uint8Array`, datetime `number` (milliseconds since the epoch), all others `string` (well-formed Unicode, canonical).
 */
export type Scalar = number | bigint | string | boolean | Uint8Array

/**
 * What a cell holds. Writes and reads use the same shapes; none is ever empty. A write's change stays core's: a driver copies what it keeps.
 * What a read gives is the reader's own: later writes do not show in it, and core hands it on to the caller.
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
export type CellValue<Type extends TimeseriesType = TimeseriesType> = CellValues[Type]

/** A place inside one interval. */
export interface CellPosition {
  readonly name: string
  readonly bucket: number
  /** 0 in an interval without resolution; there it means nothing. */
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

/** The oldest live bucket of each interval named here; buckets before it have expired. The only form in which a driver meets "now". */
export type OldestLive = Readonly<Record<string, number>>

/**
 * What a driver package adds to the option types of a timeseries made with it: a type only, never a value.
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

export interface StorageDriver<Options extends DriverOptionTypes = {}> {
  readonly spec: 1
  /** For messages: 'redis'. Core never branches on it. */
  readonly id: string
  readonly capabilities: Capabilities
  /** Never set: carries the option types to the compiler. */
  readonly optionTypes?: Options
  /**
   * Prepares the store and records what has no record yet, the schema and each interval; alters none, but those in `replace`.
   * Idempotent, safe in many processes at once. Core makes no other call before it resolves. A driver object may be opened many times,
   * with other types and intervals.
   */
  open(schema: StoreSchema, options?: OpenOptions): Promise<OpenedStore>
  /**
   * Where `capabilities.events` is there: prepares the store for one namespace of event streams. Idempotent, safe in many processes at once; a
   * driver object may open many namespaces, and one many times. Needs no `open` before it.
   */
  openEvents?(schema: EventSchema, options?: DriverCallOptions): Promise<EventStorage>
  /** Releases what the driver opened itself; never a client that the caller handed in. Idempotent. */
  close(): Promise<void>
}

export interface OpenOptions extends DriverCallOptions {
  /**
   * Records as core saw them. Each that still stands so, and covers no live cell (`oldestLive` tells which), is replaced by the one given to
   * `open`, together with the deletion of the cells left under it: an interval's, or with `schema` all of them, and their columns are made
   * anew. One that no longer stands so, or covers a live cell, stays. Check and replacement are one step: no cell that a writer was told is
   * stored is deleted by it. A store that cannot do both in one step leases its records: `createLease` in the toolkit says how.
   */
  readonly replace?: Partial<Records>
  /**
   * With `replace`: for each interval that is recorded, from which bucket on its cells are live. With `schema`, all recorded intervals are
   * named; an interval that core does not know is live from the first bucket on.
   */
  readonly oldestLive?: OldestLive
}

export interface OpenedStore {
  readonly store: CellStore
  /** As they now stand; all intervals ever recorded at this place and type, the schema's among them. */
  readonly records: Records
  /**
   * Where the store expires cells by its own clock: that clock in Unix seconds, read while it opened. Core warns of a clock that differs, and
   * counts `expiresAt` by the store's.
   */
  readonly clock?: number
}

/**
 * Canonical texts of what must not change while data are held; kept and compared as they are. Their content is core's: a JSON object with a
 * `version`. Core never replaces a record whose version or whose keys it does not know.
 */
export interface Records {
  /** type and valueType: one for all intervals at this place (prefix, table, collection). */
  readonly schema: string
  /** step and resolution */
  readonly intervals: Readonly<Record<string, string>>
}

/** Plain data, read by core, the documentation and the test kit. */
export interface Capabilities {
  /** Who reclaims expired cells. native: the store, late but never early; sweep: `sweep`; none: nobody, core only hides them. */
  readonly expiry: Readonly<Record<TimeseriesType, 'native' | 'sweep' | 'none'>>
  /** Counts may be 0.5. */
  readonly fractionalCounts: boolean
  /**
   * A WriteBatch with an `id`, written again, adds nothing: by the process that made it, however often; and for so many `seconds` after it was
   * stored also by any other process, where `write` then resolves to `{ repeated: true }`. 0: only by the process that made it.
   */
  readonly exactlyOnce: false | { readonly seconds: number }
  /** The types that can be opened; absent: series, histogram, count, gauge and set. Core refuses others by name. */
  readonly types?: readonly TimeseriesType[]
  /** `fetch` is there. */
  readonly customFetch: boolean
  /** Names of the driver's own options on writes and on reads ('pipeline', 'session'); core passes these on and refuses every other unknown one. */
  readonly writeOptions: readonly string[]
  readonly readOptions: readonly string[]
  /** `openEvents` is there; absent: the driver keeps no event streams. */
  readonly events?: EventCapabilities
  /** In code points; core refuses longer names, and longer values of valueType `string`, before any I/O. */
  readonly maxStringLength?: number
  /** In UTF-8; core refuses longer names, and longer values of histograms and sets, before any I/O. */
  readonly maxNameBytes?: number
  readonly maxKeyBytes?: number
  /** Of an interval's name, in UTF-8; core refuses longer ones before any I/O. */
  readonly maxIntervalBytes?: number
  /**
   * Of a count's change, or a histogram's times, without its sign; core refuses larger ones before any I/O. For a store that cannot tell
   * whether a sum stays finite: 2^969, of which no store ever adds up enough to overflow.
   */
  readonly maxChange?: number
}

export interface StoreSchema {
  readonly type: TimeseriesType
  readonly valueType: string
  readonly record: string
  readonly intervals: Readonly<Record<string, IntervalSchema>>
}

export interface IntervalSchema {
  readonly record: string
  /** It has a resolution. */
  readonly hasResolution: boolean
  /** Most resolution buckets inside one bucket; 1 when coarse. Constant for a record: sizes chunks and partitions. */
  readonly fanOut: number
  /** The resolution buckets inside `bucket`; 0 to 0 when coarse. Integers between them may be no bucket (20240132) when the resolution is a calendar's. */
  resolutionRange(bucket: number): BucketRange
  /**
   * When `bucket` expires, in whole seconds of the store's clock; null: never, or after the year 9999. Takes any integer, also one that is no
   * bucket (20240299), and never decreases as it grows: a store that packs buckets asks for the last integer of the pack.
   */
  expiresAt(bucket: number): number | null
}

export interface DriverCallOptions {
  /** A driver may stop early on it, or ignore it: core stops waiting. */
  readonly signal?: AbortSignal
  /**
   * The caller's own options: those that `readOptions` name, of `read`, `bounds`, `names` and `fetch`; those that `writeOptions` name, of `write`,
   * `delete` and `sweep`. A call with any is never retried.
   */
  readonly driverOptions?: Readonly<Record<string, unknown>>
}

export interface WriteBatch<Type extends TimeseriesType = TimeseriesType> {
  /**
   * Sorted by name, interval (code units), bucket, resolution bucket; no cell twice; none that has expired; at most 10,000, with at most
   * 50,000 values together.
   */
  readonly cells: readonly CellWrite<Type>[]
  /** Of every interval of the schema. */
  readonly oldestLive: OldestLive
  /**
   * Present when exactly-once is asked for, of at most 1,004 characters: core's own (`id:…`), unique; or the caller's (`key:…`), which another
   * process may use again for the same write. Two places never share one. A retry passes the same batch object.
   */
  readonly id?: string
}

/** What `write` may say of a batch that is stored. */
export interface WriteReceipt {
  /** The batch's `id` was stored before, by another call: this one added nothing. */
  readonly repeated?: boolean
}

export interface CellQuery {
  /** At least one, none twice. */
  readonly names: readonly string[]
  readonly interval: string
  readonly range: BucketRange
}

export interface FetchedCell extends CellPosition {
  /**
   * What `processRow` is given: of a series, a histogram or a set always a list of rows, in their order and be it one; of a count or a gauge the
   * one row.
   */
  readonly row: unknown
}

export interface CellStore {
  /**
   * Merges each cell's change atomically; what is written is found by every other call once this resolves. Rejects with a WriteFailure unless
   * all is known to be stored; a cell that the failure does not list is stored. Never writes again what may have been applied.
   *
   * A count, or a value's times in a histogram, whose sum would leave the finite doubles is refused: the cell stays as it is, and the failure
   * lists it in `notApplied` with `retry: 'never'`. Only a change of 2^970 or more can do so to a finite sum.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a store that remembers no ids has nothing to resolve to
  write(batch: WriteBatch, options?: DriverCallOptions): Promise<WriteReceipt | void>
  /**
   * The cells of the range, in any order, but the parts of a series cell in order of arrival. May include expired ones. Holds no connection
   * between its own pages.
   */
  read(query: CellQuery, options?: DriverCallOptions): Promise<readonly StoredCell[]>
  /** Smallest and largest bucket inside the range in which any of the names has a cell, exactly; null: none. */
  bounds(query: CellQuery, options?: DriverCallOptions): Promise<BucketRange | null>
  /**
   * Every name with a live cell in an interval of `oldestLive` (which may be one that is recorded, but not in the schema), and no other;
   * any order, repeats allowed.
   */
  names(oldestLive: OldestLive, options?: DriverCallOptions): Promise<readonly string[]>
  /** Deletes these names', or all, cells in the schema's intervals; records stay. What was acknowledged before is gone, what is written after stays. */
  delete(names: readonly string[] | null, options?: DriverCallOptions): Promise<void>
  /** Where expiry is 'sweep': deletes the cells before `oldestLive` in its intervals, in bounded batches; resolves to how many cells. */
  sweep?(oldestLive: OldestLive, names: readonly string[] | null, options?: DriverCallOptions): Promise<number>
  /**
   * Where `customFetch`: the caller's own read in place of `read`, one entry a cell. Rows of other names, or outside the range, may be among
   * them: core drops those.
   */
  fetch?(query: CellQuery, callerFetch: unknown, options?: DriverCallOptions): Promise<readonly FetchedCell[]>
  /** Where `customFetch`: a `row` of a FetchedCell as `read` would give its value, when the caller passed no `processRow`. */
  decodeRow?(row: unknown): CellValue
}

/**
 * What any call rejects with when it knows whether trying again may help; any other error means 'never'. Core alone retries: reads, `open`,
 * `delete` and `sweep` as they are.
 */
export interface StoreFailure extends Error {
  readonly retry: 'now' | 'later' | 'never'
  /**
   * The record that this store was opened under was replaced since: nothing of the call was applied or read, and nothing ever will be by this
   * store. Core answers KAIROS_CONFIG_CHANGED. Every call of a CellStore says so, within the lease where the store has one.
   */
  readonly configChanged?: boolean
  /**
   * In a transaction of the caller: an error of the caller's client that the client's own helpers look for, as MongoDB's `withTransaction` looks
   * for one that says the transaction may be repeated. What core throws is then an instance of its class too, with its fields.
   */
  readonly clientError?: Error
}

/**
 * A plain shape, so that two copies of core understand each other. Cells are the batch's own, or, where the driver split one, a copy with the
 * part concerned; none twice in a list. Any other rejection of `write` means that all of the batch may have been applied.
 */
export interface WriteFailure extends StoreFailure {
  /** Certainly not stored: core writes them again. */
  readonly notApplied: readonly CellWrite[]
  /** Unknown: core writes them again only where that adds nothing (gauge, set, exactly-once). */
  readonly maybeApplied: readonly CellWrite[]
}
