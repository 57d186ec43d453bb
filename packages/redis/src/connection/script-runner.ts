import type { Lease, StoreFailure } from '@kairos/core/driver'
import type { Script } from '../scripts/script.ts'
import type { Argument, RedisClient } from './client.ts'
import { NotSent, storeFailure } from './failures.ts'

/** The way to the server: every call of the driver goes through here, and none waits for its answer longer than the timeout. */
export class ScriptRunner {
  readonly client: RedisClient
  readonly timeout: number
  /** One attempt for all who wait. */
  #connecting: Promise<void> | undefined
  /** Scripts that a server did not know: sent whole the next time, which a client may come to only after it has connected again. */
  readonly #unknown = new Set<Script>()
  readonly #inFlight = new Set<Promise<unknown>>()
  #closed = false

  constructor(client: RedisClient, timeout: number) {
    this.client = client
    this.timeout = timeout
  }

  /**
   * Runs a script on the node that has the keys, once the lease allows it. Strings of the reply come as bytes.
   * @throws NotSent, or what the client rejects with
   */
  async run(script: Script, keys: readonly string[], parameters: readonly Argument[], lease?: Lease): Promise<unknown> {
    const command = [String(keys.length), ...keys, ...parameters]
    for (;;) {
      await this.#prepare(lease)
      const whole = this.#unknown.has(script)
      const request = whole ? ['eval', script.text, ...command] : ['evalsha', script.sha, ...command]
      try {
        const reply = await this.#answer(this.client.send(keys[0]!, request))
        this.#unknown.delete(script)
        return reply
      } catch (error) {
        if (whole || !(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
        this.#unknown.add(script)
      }
    }
  }

  /**
   * The same for what may be run again: all but writes.
   * @throws StoreFailure
   */
  async ask(script: Script, keys: readonly string[], parameters: readonly Argument[], lease?: Lease): Promise<unknown> {
    try {
      return await this.run(script, keys, parameters, lease)
    } catch (error) {
      throw storeFailure(error)
    }
  }

  /** Runs commands of the caller's on a pipeline of the client. */
  async pipeline(key: string, queue: (pipeline: object) => void, lease?: Lease): Promise<readonly unknown[]> {
    await this.#prepare(lease)
    return this.#answer(this.client.pipeline(key, queue))
  }

  /** Sends nothing more, and ends when what is on its way has been answered, or waited for long enough. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#inFlight)
    await this.client.close()
  }

  /**
   * Until a command can be sent at once. Waited for here and not in the client's own queue: what was never sent is known to be not applied, and
   * a lease counts from when it is sent.
   */
  async #prepare(lease: Lease | undefined): Promise<void> {
    for (;;) {
      if (this.#closed) throw new NotSent('the driver is closed', 'never')
      if (!this.client.ready) await this.#connect()
      const looking = lease?.check()
      if (looking === undefined) return
      await looking.catch((failure: StoreFailure) => {
        throw Object.assign(
          new NotSent(failure.message, failure.retry),
          failure.configChanged && { configChanged: true },
        )
      })
    }
  }

  #connect(): Promise<void> {
    this.#connecting ??= this.client.connect().finally(() => {
      this.#connecting = undefined
    })
    return withDeadline(
      this.#connecting,
      this.timeout,
      () => new NotSent(`no connection within ${this.timeout} ms`, 'later', this.client.trouble),
    )
  }

  #answer<T>(reply: Promise<T>): Promise<T> {
    const answer = withDeadline(reply, this.timeout, () => new Error(`no answer within ${this.timeout} ms`))
    this.#inFlight.add(answer)
    answer.catch(() => {}).finally(() => this.#inFlight.delete(answer))
    return answer
  }
}

/** `work`, or after so many milliseconds a rejection; what `work` comes to later is nobody's business any more. */
function withDeadline<T>(work: Promise<T>, milliseconds: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), milliseconds)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
