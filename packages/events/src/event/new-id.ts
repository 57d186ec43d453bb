import { createKeyMaker, keyToId } from './keys.ts'
import { systemTicks, type TimeInput, toEventTicks } from './time.ts'

let newKey: ((time: bigint) => string) | undefined

/**
 * An id for an event of this time, by default of now: a UUID of version 1. Two of one process and time keep the order in which they were made.
 * An event that is given its id before it is put may be put again, and is stored once.
 * @throws KAIROS_INVALID_VALUE
 * @example await events.put('orders', { '@id': newId(), item: 'tea' })
 */
export function newId(time: TimeInput = systemTicks()): string {
  // Not before it is needed: some platforms give no random numbers while modules load.
  newKey ??= createKeyMaker()
  return keyToId(newKey(toEventTicks(time, 'time')))
}
