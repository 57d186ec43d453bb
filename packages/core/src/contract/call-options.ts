/** What core passes to every call of a driver. */
export interface DriverCallOptions {
  /** A driver may stop on it, or ignore it: core stops waiting in any case. */
  readonly signal?: AbortSignal
  /**
   * The driver's own options as the caller set them: `readOptions` on `read`, `bounds`, `names` and `fetch`; `writeOptions` on `write`, `delete`
   * and `sweep`. A call with any of them is never retried.
   */
  readonly driverOptions?: Readonly<Record<string, unknown>>
}
