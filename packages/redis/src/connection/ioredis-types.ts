/** The calls made on a `Redis` or `Cluster` of ioredis (5 and later) or iovalkey. */
export interface IoredisLike {
  readonly status: string
  readonly options: object
  /** The connection of a `Redis`; a `Cluster` does not have one. */
  readonly stream?: { readonly writable: boolean }
  connect(): Promise<unknown>
  /** Not called, since it ends the process if the client has automatic pipelines; `evalshaBuffer`, `evalBuffer` and `mgetBuffer` are called instead. */
  callBuffer(command: string, args: never): Promise<unknown>
  pipeline(): IoredisPipelineLike
  on(event: string, listener: (...values: unknown[]) => void): unknown
  once(event: string, listener: (...values: unknown[]) => void): unknown
  off(event: string, listener: (...values: unknown[]) => void): unknown
  disconnect(): void
}

/** The calls made on a pipeline or a `multi()` of ioredis and iovalkey. */
export interface IoredisPipelineLike {
  eval(script: string, keys: number, ...parameters: never[]): unknown
  exec(): Promise<[unknown, unknown][] | null>
}
