/** A finished request, as `onAccess` receives it. */
export interface AccessEntry {
  readonly method: string
  readonly path: string
  readonly status: number
  /** From the request to the end of its response. */
  readonly milliseconds: number
  /** Why the request failed or its response was cut, unless that was the caller's mistake. */
  readonly error?: unknown
}

/** The record of a request in progress. */
export class AccessRecord {
  readonly started: number = performance.now()
  status = 200
  error: unknown
  /** Whether the response continues after the handler has returned it. Its writer then calls `end`. */
  streamed = false
  hasEnded = false
  readonly #method: string
  readonly #path: string
  readonly #onEnd: (entry: AccessEntry) => void

  constructor(method: string, path: string, onEnd: (entry: AccessEntry) => void) {
    this.#method = method
    this.#path = path
    this.#onEnd = onEnd
  }

  /** Reports, once, how the request ended. */
  end(error: unknown = this.error): void {
    if (this.hasEnded) return
    this.hasEnded = true
    this.#onEnd({
      method: this.#method,
      path: this.#path,
      status: this.status,
      milliseconds: performance.now() - this.started,
      ...(error === undefined ? {} : { error }),
    })
  }
}
