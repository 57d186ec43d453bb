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

/** A cell as an error names it. `start` is the start of its resolution bucket, or of its interval bucket where there is none, in Unix seconds. */
export interface CellReference {
  readonly name: string
  readonly interval: string
  readonly start: number
}

/** What errors carry beside their code; which code carries what stands in the documentation of errors. */
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
  /** Of event streams. */
  namespace?: string
  stream?: string
  /** Which of the events given, from 0. */
  index?: number
  /** Of a failed put: the ids of all events given, in their order. Put again under these, each is stored once. */
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
  /** Of an HTTP server's answer, where the store is one. */
  status?: number
  /** What that answer said, text by text. */
  errors?: readonly string[]
  /** From an iterable: points stored before the fault. Of a failed write: (value, bucket) pairs stored; of a failed put: events. */
  stored?: number
  /** Of a failed write: (value, bucket) pairs that fell into expired buckets. */
  expired?: number
  /** Cells that were certainly not changed. */
  notApplied?: readonly CellReference[]
  /** Cells of which nobody knows. */
  maybeApplied?: readonly CellReference[]
}

const MARK = Symbol.for('@kairos/core/KairosError')

export interface KairosError extends Readonly<KairosErrorDetails> {}
/**
 * The one class of errors that kairos makes. Look at `code`, which is stable; the message is for people and may change. `name` is always
 * 'KairosError', so that errors group by it.
 * @example `if (KairosError.is(error) && error.code === 'KAIROS_INVALID_VALUE') …`
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor assigns the details, all of which are optional
export class KairosError extends Error {
  readonly code: KairosErrorCode

  constructor(code: KairosErrorCode, message: string, details: KairosErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    Object.assign(this, details)
    Object.defineProperty(this, MARK, { value: true })
    const clientError = clientErrorOf(cause)
    if (clientError !== undefined) beAlso(this, clientError)
  }

  static {
    this.prototype.name = 'KairosError'
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return KairosError.is(value)
  }

  /** Whether `value` is a KairosError, also one of another installed copy of core. */
  static is(value: unknown): value is KairosError {
    return typeof value === 'object' && value !== null && MARK in value
  }
}

/** The error of the caller's client that a StoreFailure carries for the client's own helpers. */
function clientErrorOf(cause: unknown): Error | undefined {
  const clientError = cause instanceof Error && 'clientError' in cause ? cause.clientError : undefined
  return clientError instanceof Error ? clientError : undefined
}

/** Makes an error an instance of the client error's class too, with the fields that it does not have itself. */
function beAlso(error: KairosError, clientError: Error): void {
  for (const key of Reflect.ownKeys(clientError)) {
    if (key in error) continue
    Object.defineProperty(error, key, { ...Object.getOwnPropertyDescriptor(clientError, key), enumerable: false })
  }
  const own = Object.getOwnPropertyDescriptors(KairosError.prototype)
  Object.setPrototypeOf(error, Object.create(Object.getPrototypeOf(clientError), own))
}

/** The same error with more details: a new one, since the callers who wait for one opening are all given the same. */
export function withDetails(error: KairosError, details: KairosErrorDetails): KairosError {
  return new KairosError(error.code, error.message, { ...error, ...details }, error.cause)
}
