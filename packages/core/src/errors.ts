import type { CellData } from './api/stored.ts'
import { isObject } from './internal/kinds.ts'

/** What went wrong, for programs: a stable name. */
export type KairosErrorCode =
  | 'KAIROS_INVALID_CONFIG'
  | 'KAIROS_INVALID_VALUE'
  | 'KAIROS_INVALID_RANGE'
  | 'KAIROS_UNKNOWN_INTERVAL'
  | 'KAIROS_UNKNOWN_TRANSFORM'
  | 'KAIROS_UNKNOWN_NAMESPACE'
  | 'KAIROS_UNSUPPORTED'
  | 'KAIROS_DRIVER_MISSING'
  | 'KAIROS_CONFIG_CHANGED'
  | 'KAIROS_SPEC_MISMATCH'
  | 'KAIROS_ABORTED'
  | 'KAIROS_CLOSED'
  | 'KAIROS_STORE_FAILED'

/** A cell in an error, with the change that was to be written: `timeseries.write(error.notApplied)` writes it. Times are Unix seconds. */
export interface CellReference {
  readonly name: string
  readonly interval: string
  /** Where its bucket starts. */
  readonly start: number
  /** In an interval with a resolution: where its resolution bucket starts. */
  readonly resolutionStart?: number
  /** As it is stored, after `writeFunc`. Null: it was to be deleted. */
  readonly value: CellData | null
  /** What the cell was expected to hold. */
  readonly expected?: CellData | null
}

/** The fields of an error beside its code; docs/guide/errors.md says which code has which. */
export interface KairosErrorDetails {
  /** Where in the configuration or the options: `intervals.day.step`. */
  path?: string
  /** The name of the series that the error is about. */
  series?: string
  value?: unknown
  start?: number
  end?: number
  steps?: unknown
  interval?: string
  transform?: string
  /** For event streams. */
  namespace?: string
  stream?: string
  /** The index of the event in the list given, from 0. */
  index?: number
  /** After a failed put: the ids of all its events, in order. Put again with these ids, each is stored once. */
  ids?: readonly string[]
  known?: readonly string[]
  driver?: string
  feature?: string
  scheme?: string
  package?: string
  recorded?: unknown
  configured?: unknown
  found?: unknown
  accepted?: readonly number[]
  operation?: string
  retryable?: boolean
  /** The status of an HTTP server's answer. */
  status?: number
  /** The messages of that answer. */
  errors?: readonly string[]
  /** From an iterable: points written before the bad one. After a failed write: (value, bucket) pairs stored; after a failed put: events. */
  stored?: number
  /** After a failed write: (value, bucket) pairs that fell into expired buckets. */
  expired?: number
  /** What the source of a `bulkInsert` threw, or what its point was refused for, if writing what it gave before failed too. */
  sourceError?: unknown
  /** Cells that were not changed. */
  notApplied?: readonly CellReference[]
  /** Cells that may or may not have been changed. */
  maybeApplied?: readonly CellReference[]
}

const MARK = Symbol.for('@kairos/core/KairosError')

/** Its fields: see KairosErrorDetails. */
export interface KairosError extends Readonly<KairosErrorDetails> {}
/**
 * The class of all errors that Kairos itself throws. Check `code`, which is stable; the message is for people and may change. `name` is always
 * 'KairosError', so that error trackers can group by it.
 * @example
 * try {
 *   await hits.insert('home', Number.NaN)
 * } catch (error) {
 *   if (KairosError.is(error) && error.code === 'KAIROS_INVALID_VALUE') console.warn(error.series, error.value)
 *   else throw error
 * }
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor assigns the details, all of which are optional
export class KairosError extends Error {
  readonly code: KairosErrorCode

  constructor(code: KairosErrorCode, message: string, details: KairosErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    Object.assign(this, details)
    Object.defineProperty(this, MARK, { value: true })
  }

  static {
    this.prototype.name = 'KairosError'
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return KairosError.is(value)
  }

  /** Whether `value` is a KairosError, also one of another installed copy of core. */
  static is(value: unknown): value is KairosError {
    return isObject(value) && MARK in value
  }
}
