/** The options that every call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /**
   * How long a step of the call may take, in milliseconds, retries included; default: that of the timeseries, which does not limit the work of
   * `list`, `delete`, `deleteAll` and `expire`.
   */
  readonly patience?: number | undefined
}
/** The options of `close`. */
export interface CloseOptions {
  /** Milliseconds after which calls that still wait fail with KAIROS_CLOSED; default: none, each ends by its patience. */
  readonly timeout?: number | undefined
}
