/** A part of a command. Text goes as UTF-8, bytes as they are. */
export type Argument = string | Buffer

/** Its name, and what follows it. */
export type Command = readonly [name: string, ...parts: Argument[]]

/**
 * What the driver needs from a client of any library; each family of libraries has an adapter. Everything the driver does is a script call,
 * except for `MGET` of packed chunks and the commands of a custom `fetch`.
 */
export interface RedisClient {
  /** All keys of one call must share a slot. */
  readonly cluster: boolean
  /** The client may resend a command that was never answered. The driver then marks each write, so that the server runs it only once. */
  readonly resends: boolean
  /** Commands can be sent at once. */
  readonly ready: boolean
  /** Why they cannot be sent yet, as far as is known. */
  readonly trouble: unknown
  /** Resolves when commands can be sent. Rejects with the reason after one failed attempt to connect, and when the client is closed. */
  connect(): Promise<void>
  /** Sends one command to the node that has `key`. Strings in the reply are bytes; an error reply rejects with its text as the message. */
  send(key: string, command: Command): Promise<unknown>
  /**
   * Runs the commands that `queue` puts on a pipeline of the client, which is not a transaction. All must be in the slot of `key`.
   * Replies come as the client would return them, including errors.
   */
  pipeline(key: string, queue: (pipeline: object) => void): Promise<readonly unknown[]>
  close(): Promise<void>
}

/** A pipeline or transaction of the application, on which a call can be queued. */
export interface ScriptPipeline {
  evaluate(script: string, keys: readonly string[], parameters: readonly Argument[]): void
}
