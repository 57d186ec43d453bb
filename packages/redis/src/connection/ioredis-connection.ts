import { messageOf } from '@kairos/core/driver'
import { causeOfConnection, NotSent, retryOfConnection } from './failures.ts'
import type { IoredisLike } from './ioredis-types.ts'

/** Makes a client that connects once, to a Sentinel or a node of a cluster, `host:port`. */
export type Probe = (guide: string) => IoredisLike

/** How an ioredis client comes to its connection, and what it has met on its way. */
export class IoredisConnection {
  readonly #client: IoredisLike
  readonly #probe: Probe | undefined
  /** Once the server has refused the database: the client becomes ready all the same, in database 0. */
  #misplaced: unknown
  #fault: unknown
  /** What is wrong with those who were asked for the way: Sentinels, or nodes of a cluster, by `host:port`. */
  readonly #guides = new Map<string, unknown>()

  constructor(client: IoredisLike, probe?: Probe) {
    this.#client = client
    this.#probe = probe
  }

  get ready(): boolean {
    const { status, stream } = this.#client
    // A client that is about to connect again says that it is ready until its connection has ended, and loses what it is given.
    return this.#misplaced === undefined && status === 'ready' && stream?.writable !== false
  }

  /** Why there is no connection yet, as far as is known. */
  get trouble(): unknown {
    if (this.#guides.size === 0) return this.#fault
    return new Error(Array.from(this.#guides, ([guide, fault]) => `${guide}: ${messageOf(fault)}`).join('; '))
  }

  async untilReady(): Promise<void> {
    if (this.#misplaced !== undefined) throw this.#misplaced
    const client = this.#client
    if (this.ready) return
    if (client.status === 'end') throw new NotSent('the client is closed', 'never')
    await new Promise<void>((resolve, reject) => {
      const onReady = (): void => {
        this.#fault = undefined
        this.#guides.clear()
        settle(resolve)
      }
      const onError = (error: unknown): void => {
        // By these words alone a client tells that it has asked all Sentinels: it goes on by itself, for ever.
        if (messageOf(error).startsWith('All sentinels are unreachable')) {
          onClose()
          return
        }
        this.#fault = causeOfConnection(error)
        // Of the server itself: the way to it was found.
        if (this.#fault === error) this.#guides.clear()
        if (commandOf(error) !== 'select') return
        this.#misplaced = new NotSent('the database could not be chosen', 'never', error)
        settle(() => reject(this.#misplaced))
      }
      const onSentinelError = (error: unknown): void => {
        const [, sentinel = '', reason] = /sentinel (\S+) (?:because (.*))?/s.exec(messageOf(error)) ?? []
        this.#guides.set(sentinel, new Error(reason ?? 'it knows no master of that name'))
      }
      const onNodeError = (error: unknown, node: unknown): void => {
        this.#guides.set(String(node), error)
      }
      const onClose = (): void => settle(() => this.#failure().then(reject))
      const listeners = {
        ready: onReady,
        error: onError,
        sentinelError: onSentinelError,
        'node error': onNodeError,
        close: onClose,
        end: onClose,
      }
      const settle = (then: () => void): void => {
        for (const [event, listener] of Object.entries(listeners)) client.off(event, listener)
        then()
      }
      for (const [event, listener] of Object.entries(listeners)) client.on(event, listener)
      // What connect() rejects with is told by the events too.
      if (client.status === 'wait') client.connect().catch(() => {})
    })
  }

  /** What an attempt to connect came to. Asking again does not help where each who was asked knows who asks, and says no. */
  async #failure(): Promise<NotSent> {
    await Promise.all(Array.from(this.#guides, ([guide, fault]) => this.#findOut(guide, fault)))
    const faults = this.#guides.size === 0 ? [this.#fault] : [...this.#guides.values()]
    const retry = faults.every((fault) => retryOfConnection(fault) === 'never') ? 'never' : 'later'
    return new NotSent('the connection could not be made', retry, this.trouble)
  }

  /** The client says only that a connection is closed where it was refused, or not trusted: what happened shows on another one. */
  async #findOut(guide: string, fault: unknown): Promise<void> {
    if (this.#probe === undefined || messageOf(fault) !== 'Connection is closed.') return
    const client = this.#probe(guide)
    client.on('error', () => {})
    try {
      await new IoredisConnection(client).untilReady()
    } catch (error) {
      this.#guides.set(guide, (error as NotSent).cause ?? fault)
    } finally {
      client.disconnect()
    }
  }
}

/** Which command a server refused with this error; '' where it was none. */
function commandOf(error: unknown): string {
  const command = (error as { readonly command?: { readonly name?: unknown } } | undefined)?.command
  return typeof command?.name === 'string' ? command.name.toLowerCase() : ''
}
