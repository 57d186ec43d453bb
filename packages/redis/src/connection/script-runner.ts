import type { Script } from '../scripts/script.ts'
import type { Argument, RedisClient } from './client.ts'
import { NotSent, storeFailure } from './failures.ts'

/** The way to the server: every call of the driver goes through here, and none waits for its answer longer than the timeout. */
export class Calls {
  readonly client: RedisClient
  readonly #timeout: number
  /** One attempt for all who wait. */
  #connecting: Promise<void> | undefined

  constructor(client: RedisClient, timeout: number) {
    this.client = client
    this.#timeout = timeout
  }

  /**
   * Runs a script on the node that has `key`. Strings of the reply come as bytes.
   * @throws NotSent, or what the client rejects with
   */
  async run(script: Script, key: string, parameters: readonly Argument[]): Promise<unknown> {
    // Waited for here and not in the client's own queue: what was never sent is known to be not applied.
    if (!this.client.ready) await this.#connect()
    try {
      return await this.#answer(this.client.send(key, ['evalsha', script.sha, '1', key, ...parameters]))
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    }
    return this.#answer(this.client.send(key, ['eval', script.text, '1', key, ...parameters]))
  }

  /**
   * The same for what may be run again: all but writes.
   * @throws StoreFailure
   */
  async ask(script: Script, key: string, parameters: readonly Argument[]): Promise<unknown> {
    try {
      return await this.run(script, key, parameters)
    } catch (error) {
      throw storeFailure(error)
    }
  }

  /** Runs commands of the caller's on a pipeline of the client. */
  async pipeline(key: string, queue: (pipeline: object) => void): Promise<readonly unknown[]> {
    if (!this.client.ready) await this.#connect()
    return this.#answer(this.client.pipeline(key, queue))
  }

  #connect(): Promise<void> {
    this.#connecting ??= this.client.connect().finally(() => {
      this.#connecting = undefined
    })
    return withDeadline(
      this.#connecting,
      this.#timeout,
      () => new NotSent(`no connection within ${this.#timeout} ms`, 'later', this.client.trouble),
    )
  }

  #answer<T>(reply: Promise<T>): Promise<T> {
    return withDeadline(reply, this.#timeout, () => new Error(`no answer within ${this.#timeout} ms`))
  }
}

/** `work`, or after so many milliseconds a rejection; what `work` comes to later is nobody's business any more. */
function withDeadline<T>(work: Promise<T>, milliseconds: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), milliseconds)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
