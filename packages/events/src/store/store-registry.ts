import { KairosError } from '@kairos/core'
import { describe } from '@kairos/core/driver'
import type { AnyEventStore } from '../types.ts'
import type { EventLog } from './event-log.ts'

const logs = new WeakMap<AnyEventStore, EventLog>()

export function remember(store: AnyEventStore, log: EventLog): void {
  logs.set(store, log)
}

/**
 * What is beneath a store: for those in this package who pass events on as text, without reading them.
 * @throws KAIROS_INVALID_CONFIG
 */
export function eventLogOf(store: unknown): EventLog {
  const log = typeof store === 'object' && store !== null ? logs.get(store as AnyEventStore) : undefined
  if (log !== undefined) return log
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `${describe(store)} is not a store made by this package's createEventStore`,
  )
}
