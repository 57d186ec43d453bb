import { KairosError } from '@kairos/core'
import { describe } from '@kairos/core/driver'
import type { EventStore } from '../types.ts'
import type { EventLog } from './event-log.ts'

const logs = new WeakMap<EventStore, EventLog>()

export function remember(store: EventStore, log: EventLog): void {
  logs.set(store, log)
}

/**
 * What is beneath a store: for those in this package who pass events on as text, without reading them.
 * @throws KAIROS_INVALID_CONFIG
 */
export function logOf(store: unknown): EventLog {
  const log = typeof store === 'object' && store !== null ? logs.get(store as EventStore) : undefined
  if (log !== undefined) return log
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `${describe(store)} is not a store made by this package's createEventStore`,
  )
}
