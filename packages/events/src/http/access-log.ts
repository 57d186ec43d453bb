/** One request, told when its answer has ended. */
export interface AccessEntry {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly milliseconds: number
  /** Why it failed or was cut, where that was not the caller's fault. */
  readonly error?: unknown
}

/** One request on its way. */
export class AccessRecord {
  readonly started: number = performance.now()
  status = 200
  error: unknown
  /** The answer goes on after the handler has given it away; whoever writes it calls `end`. */
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

  /** Tells once how it ended. */
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
