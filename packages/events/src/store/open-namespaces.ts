import { KairosError, type StorageDriver } from '@kairos/core'
import { type Connection, callStore } from '@kairos/core/calls'
import { type EventStorage, type Once, once } from '@kairos/core/driver'
import { encodeNamespace } from '../checks/namespaces.ts'
import type { RetryPolicy } from './retry-policy.ts'

/** A namespace that is open. */
export interface OpenNamespace {
  readonly driver: StorageDriver
  readonly storage: EventStorage
}

/** Opens each namespace of a store on first use, once for all its callers. */
export class OpenNamespaces {
  readonly #connection: Connection
  readonly #ended: AbortSignal
  readonly #retryPolicy: RetryPolicy
  readonly #opening = new Map<string, Once<OpenNamespace>>()
  readonly #open = new Map<string, OpenNamespace>()

  /** `ended` aborts when the store has closed. */
  constructor(connection: Connection, ended: AbortSignal, retryPolicy: RetryPolicy) {
    this.#connection = connection
    this.#ended = ended
    this.#retryPolicy = retryPolicy
  }

  /** The namespace, if it is open already. */
  find(namespace: string): OpenNamespace | undefined {
    return this.#open.get(namespace)
  }

  /** Opens the namespace. No caller's signal ends this: it is for all callers. */
  open(namespace: string): Promise<OpenNamespace> {
    const opening = this.#opening.get(namespace) ?? once(() => this.#openNow(namespace))
    this.#opening.set(namespace, opening)
    return opening()
  }

  async #openNow(namespace: string): Promise<OpenNamespace> {
    const driver = await this.#connection.driver(this.#ended)
    const { openEvents } = driver
    if (openEvents === undefined) {
      throw new KairosError('KAIROS_UNSUPPORTED', `the ${driver.id} driver does not support event streams`, {
        driver: driver.id,
        feature: 'events',
      })
    }
    const schema = { namespace: encodeNamespace(namespace) }
    const storage = await callStore(() => openEvents.call(driver, schema), {
      driver: driver.id,
      operation: 'open',
      signal: this.#ended,
      unbounded: true,
      ...this.#retryPolicy,
    })
    const open = { driver, storage }
    this.#open.set(namespace, open)
    return open
  }
}
