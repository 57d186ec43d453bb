/** A part of a command. Text goes as UTF-8, bytes as they are. */
export type Argument = string | Buffer

/**
 * What the driver needs of a client, whichever library it comes from: one adapter for each family, in clients/. Everything the driver does is
 * a script call; only the caller's own `fetch` is something else.
 */
export interface RedisClient {
  /** All keys of one call must share a slot. */
  readonly cluster: boolean
  /**
   * The client may send a command again whose answer it never got. The driver then marks each write, so that the server runs it once only.
   */
  readonly resends: boolean
  /** Commands can be sent at once. */
  readonly ready: boolean
  /** Why they cannot be yet, as far as is known. */
  readonly trouble: unknown
  /** Resolves when commands can be sent; rejects with what went wrong when one attempt to connect has failed, and when the client is closed. */
  connect(): Promise<void>
  /** Sends one command to the node that has `key`. Strings of the reply come as bytes; an error reply rejects with its text as the message. */
  send(key: string, command: readonly Argument[]): Promise<unknown>
  /**
   * Runs the commands that `queue` puts on a pipeline of the client's own kind, no transaction; all of `key`'s slot.
   * Their replies are as the client gives them to its user, errors among them.
   */
  pipeline(key: string, queue: (pipeline: object) => void): Promise<readonly unknown[]>
  close(): Promise<void>
}

/** A pipeline or transaction of the caller's, as one call can be put on it. */
export interface CallerPipeline {
  evaluate(script: string, keys: readonly string[], parameters: readonly Argument[]): void
}
