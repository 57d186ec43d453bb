import type { DriverCallOptions } from './call-options.ts'
import type { Capabilities } from './capabilities.ts'
import type { EventSchema, EventStorage } from './events.ts'
import type { MergedCell, MergeQuery } from './merging.ts'
import type { ReplaceBatch, ReplaceReceipt } from './replacing.ts'
import type { FoundPlace, Records, StoreSchema } from './schema.ts'
import type { BucketRange, CellPosition, CellQuery, CellValue, OldestLive, TimeseriesType } from './values.ts'

export type { Capabilities } from './capabilities.ts'
export type { Facts, FoundPlace, IntervalSchema, Records, StoreSchema } from './schema.ts'
export type {
  BucketRange,
  CellPosition,
  CellQuery,
  CellValue,
  CellValues,
  OldestLive,
  OriginalType,
  Scalar,
  TimeseriesType,
} from './values.ts'

/** A change to one cell: append (series), add the times (histogram), add (count), replace (gauge), unite (set); of other types, see SketchValues. */
export interface CellWrite<Type extends TimeseriesType = TimeseriesType> extends CellPosition {
  readonly interval: string
  readonly change: CellValue<Type>
}

/** A cell, or a part of one: a series, histogram, set, distribution or unique may come in several; core joins them. */
export interface StoredCell<Type extends TimeseriesType = TimeseriesType> extends CellPosition {
  readonly value: CellValue<Type>
}

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
  open(schema: StoreSchema<TimeseriesType>, options?: OpenOptions): Promise<OpenedStore>
  /**
   * Every timeseries at this driver's place (its URL, prefix, schema, database), with a name or without, in any order: what `open` recorded and
   * nobody dropped. Creates nothing: a store that was never opened has none. Absent: the store cannot tell.
   */
  discover?(options?: DriverCallOptions): Promise<readonly FoundPlace[]>
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
  /**
   * With the capability `returning`, for counts without resolution: the receipt has `counts`. Each is read in the step that adds to it, so
   * no two writes that each add to a cell get the same count.
   */
  readonly returning?: boolean
}

/** What `write` may resolve to. */
export interface WriteReceipt {
  /** Another call stored a batch with this `id` before: this one added nothing. */
  readonly repeated?: boolean
  /** With `returning`, unless `repeated`: what each cell of the batch holds after this write, in the order of its cells. */
  readonly counts?: readonly number[]
}

/** Which names to list. */
export interface NamesQuery {
  /** A name is listed if it has a live cell in one of these intervals, which may be recorded without being in the schema. */
  readonly oldestLive: OldestLive
  /** Only names that begin with it. */
  readonly prefix?: string
  /** Only names after this one, by code points. */
  readonly after?: string
  /** The most names of a page, at least 1. */
  readonly limit: number
}

/** A page of names. */
export interface NamesPage {
  /** In the order of their code points, which is that of their UTF-8 bytes; none twice. May be fewer than `limit`, even none. */
  readonly names: readonly string[]
  /** Where the next page begins, as its `after`; absent: there is none. */
  readonly next?: string
}

/** What to sweep. */
export interface SweepQuery {
  readonly oldestLive: OldestLive
  /** Null: of all names. */
  readonly names: readonly string[] | null
  /** About how many cells one call deletes, at least 1: it bounds the time that a call takes, not the number exactly. */
  readonly limit: number
  /**
   * About how many names one call looks at, for sweeping beside writes; absent: as many as it takes. The next call, with the same object, continues where
   * this one ended.
   */
  readonly looks?: number
}

/** What one call swept. */
export interface SweepReceipt {
  readonly swept: number
  /** Whether no expired cell is left that was there when the call began, or with `looks` the first call of this query. */
  readonly done: boolean
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
   * A page of the names that have a live cell, and of no other. A page costs what it holds, not what the store holds: see `pageOfNames` in the
   * toolkit for a store that has no order of its own.
   */
  names(query: NamesQuery, options?: DriverCallOptions): Promise<NamesPage>
  /** Deletes the cells of these names, or of all, in the schema's intervals; records stay. Earlier acknowledged writes are gone, later ones stay. */
  delete(names: readonly string[] | null, options?: DriverCallOptions): Promise<void>
  /** Deletes the cells of the range, as `delete` does. */
  deleteRange(query: CellQuery, options?: DriverCallOptions): Promise<void>
  /** For expiry 'sweep': deletes cells before `oldestLive` in its intervals, a bounded number in each call. */
  sweep?(query: SweepQuery, options?: DriverCallOptions): Promise<SweepReceipt>
  /**
   * With the capability `replace`: sets each cell to a value, or deletes it. Repeating a call is harmless, so core does so when an answer was lost.
   * Rejects with a WriteFailure of its cells.
   */
  replace?(batch: ReplaceBatch, options?: DriverCallOptions): Promise<ReplaceReceipt>
  /**
   * With the capability `merges`: what the cells of the query are when merged. Null: the store cannot say it exactly, and core merges what `read`
   * returns.
   */
  merge?(query: MergeQuery, options?: DriverCallOptions): Promise<readonly MergedCell[] | null>
  /**
   * Removes this timeseries from the store: its cells, records and facts, and the tables that held nothing else. With `interval`, which is
   * recorded and not in the schema, only that one's. Other processes that have it open are refused from then on, as by a replacement of records;
   * no cell that was acknowledged to one of them afterwards is deleted. Absent: the store cannot.
   */
  drop?(interval: string | null, options?: DriverCallOptions): Promise<void>
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
 * What `write` and `replace` reject with: a plain shape, so that two copies of core understand each other. Cells are those of the batch or, if the
 * driver split one, a copy with that part; none twice in a list. Any other rejection means that all of the batch may have been applied.
 */
export interface WriteFailure<Cell extends CellPosition = CellWrite> extends StoreFailure {
  /** Not stored: core writes them again. */
  readonly notApplied: readonly Cell[]
  /** Possibly stored: core writes them again only where that adds nothing (gauge, set, unique, exactly-once, `replace`). */
  readonly maybeApplied: readonly Cell[]
}
