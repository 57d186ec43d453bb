import { invalidOption } from '../checks/errors.ts'
import type { AnyEventStore } from '../types.ts'
import type { EventLog } from './event-log.ts'

const logs = new WeakMap<AnyEventStore, EventLog>()

export function registerStore(store: AnyEventStore, log: EventLog): void {
  logs.set(store, log)
}

/**
 * The log underneath a store, for code in this package that passes events on as text. `path` says where the store was passed.
 * @throws KAIROS_INVALID_CONFIG
 */
export function eventLogOf(store: unknown, path = 'store'): EventLog {
  const log = typeof store === 'object' && store !== null ? logs.get(store as AnyEventStore) : undefined
  if (log === undefined) {
    throw invalidOption({ path, expected: 'a store made by createEventStore of this package', value: store })
  }
  return log
}
