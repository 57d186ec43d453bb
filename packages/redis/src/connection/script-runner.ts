import type { Lease, StoreFailure } from '@kairos/core/driver'
import type { Script } from '../scripts/script.ts'
import type { Argument, Command, RedisClient } from './client.ts'
import { answerWithin, connectionWithin } from './deadline.ts'
import { storeFailure } from './failures.ts'
import { NotSent } from './lost-answers.ts'

/** The reply to any command in a transaction; nothing that the driver sends has this one. */
const QUEUED = Buffer.from('QUEUED')

/** Sends every call of the driver to the server. None waits longer than the timeout for a connection, nor then for its answer. */
export class ScriptRunner {
  readonly client: RedisClient
  readonly timeout: number
  /** One attempt to connect, shared by all calls that wait for it. */
  #connecting: Promise<void> | undefined
  /** Scripts that a server did not know. They are sent whole the next time, which may be after the client has reconnected. */
  readonly #unknown = new Set<Script>()
  readonly #inFlight = new Set<Promise<unknown>>()
  #closed = false

  constructor(client: RedisClient, timeout: number) {
    this.client = client
    this.timeout = timeout
  }

  /**
   * Runs a script on the node that has the keys, once the lease allows it. Strings in the reply are bytes.
   * @throws NotSent, or what the client rejects with
   */
  async run(script: Script, keys: readonly string[], parameters: readonly Argument[], lease?: Lease): Promise<unknown> {
    const command = [String(keys.length), ...keys, ...parameters]
    for (;;) {
      const whole = this.#unknown.has(script)
      const request: Command = whole ? ['eval', script.text, ...command] : ['evalsha', script.sha, ...command]
      try {
        const reply = await this.#send(keys[0]!, request, lease)
        this.#unknown.delete(script)
        return reply
      } catch (error) {
        if (whole || !(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
        this.#unknown.add(script)
      }
    }
  }

  /**
   * The same for everything but writes: what may be run twice, so that a failure need not say whether it was applied.
   * @throws StoreFailure
   */
  async ask(script: Script, keys: readonly string[], parameters: readonly Argument[], lease?: Lease): Promise<unknown> {
    try {
      return await this.run(script, keys, parameters, lease)
    } catch (error) {
      throw storeFailure(error)
    }
  }

  /**
   * The values of strings, as bytes, on the node that has all of the keys; null for what is missing or not a string. A script that asks for them takes the
   * server several times as long.
   * @throws StoreFailure
   */
  async valuesOf(keys: readonly string[], lease?: Lease): Promise<readonly (Buffer | null)[]> {
    try {
      return (await this.#send(keys[0]!, ['mget', ...keys], lease)) as (Buffer | null)[]
    } catch (error) {
      throw storeFailure(error)
    }
  }

  /** Runs commands of the application on a pipeline of the client. */
  async pipeline(key: string, queue: (pipeline: object) => void, lease?: Lease): Promise<readonly unknown[]> {
    await this.#prepare(lease)
    return this.#answer(this.client.pipeline(key, queue))
  }

  /** Stops sending, and resolves when all calls in flight have been answered or have timed out. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#inFlight)
    await this.client.close()
  }

  /**
   * Waits until a command can be sent at once. Waiting here rather than in the client's queue shows which commands were never sent, and so not
   * applied; and the lease is checked right before the command is sent.
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

  async #send(key: string, command: Command, lease: Lease | undefined): Promise<unknown> {
    await this.#prepare(lease)
    const reply = await this.#answer(this.client.send(key, command))
    if (!Buffer.isBuffer(reply) || !reply.equals(QUEUED)) return reply
    throw new Error(
      'MULTI was called on the client, which only queues what the driver sends until EXEC; give the driver a client of its own',
    )
  }

  #connect(): Promise<void> {
    this.#connecting ??= this.client.connect().finally(() => {
      this.#connecting = undefined
    })
    return connectionWithin(this.timeout, this.#connecting, () => this.client.trouble)
  }

  #answer<T>(reply: Promise<T>): Promise<T> {
    const answer = answerWithin(this.timeout, reply)
    this.#inFlight.add(answer)
    answer.catch(() => {}).finally(() => this.#inFlight.delete(answer))
    return answer
  }
}
