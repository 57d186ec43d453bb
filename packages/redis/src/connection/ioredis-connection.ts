import { messageOf } from '@kairos/core/driver'
import { causeOfConnection, retryOfConnection } from './failures.ts'
import type { IoredisLike } from './ioredis-types.ts'
import { NotSent } from './lost-answers.ts'

/** Makes a client that tries to connect once, to a Sentinel or a node of a cluster given as `host:port`. */
export type Probe = (guide: string) => IoredisLike

/** How an ioredis client gets connected, and what has gone wrong so far. */
export class IoredisConnection {
  readonly #client: IoredisLike
  readonly #probe: Probe | undefined
  /** Set once the server has refused the database: the client becomes ready all the same, in database 0. */
  #misplaced: unknown
  #fault: unknown
  /** What went wrong at each Sentinel, or node of a cluster, that was asked where to connect; by `host:port`. */
  readonly #guides = new Map<string, unknown>()

  constructor(client: IoredisLike, probe?: Probe) {
    this.#client = client
    this.#probe = probe
  }

  get ready(): boolean {
    const { status, stream } = this.#client
    // A client that is about to reconnect says it is ready until its connection has ended, and loses commands given to it meanwhile.
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
        // Only this message shows that the client has asked all Sentinels; it keeps asking them without end.
        if (messageOf(error).startsWith('All sentinels are unreachable')) {
          onClose()
          return
        }
        this.#fault = causeOfConnection(error)
        // The error is from the server itself, so the address was found.
        if (this.#fault === error) this.#guides.clear()
        if (commandOf(error) !== 'select') return
        this.#misplaced = new NotSent('the database could not be chosen', 'never', error)
        settle(() => reject(this.#misplaced))
      }
      const onSentinelError = (error: unknown): void => {
        const [, sentinel = '', reason] = /sentinel (\S+) (?:because (.*))?/s.exec(messageOf(error)) ?? []
        this.#guides.set(sentinel, new Error(reason ?? 'it does not know a master of that name'))
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
      // Events report what connect() rejects with.
      if (client.status === 'wait') client.connect().catch(() => {})
    })
  }

  /** Why an attempt to connect failed. Not worth repeating if everything that was asked refuses the login or the certificate. */
  async #failure(): Promise<NotSent> {
    await Promise.all(Array.from(this.#guides, ([guide, fault]) => this.#findOut(guide, fault)))
    const faults = this.#guides.size === 0 ? [this.#fault] : [...this.#guides.values()]
    const retry = faults.every((fault) => retryOfConnection(fault) === 'never') ? 'never' : 'later'
    return new NotSent('the connection could not be made', retry, this.trouble)
  }

  /** The client reports a refused or untrusted connection only as closed; a connection of our own shows the reason. */
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

/** The command that the server refused with this error; '' if it was not a command. */
function commandOf(error: unknown): string {
  const command = (error as { readonly command?: { readonly name?: unknown } } | undefined)?.command
  return typeof command?.name === 'string' ? command.name.toLowerCase() : ''
}
