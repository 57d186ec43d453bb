import { systemTicks } from './clock.ts'
import { createKeyMaker, keyToId } from './keys.ts'
import { type TimeInput, toEventTicks } from './time.ts'

let newKey: ((time: bigint) => string) | undefined

/**
 * Makes an id for an event of this time, by default of now: a version-1 UUID. Ids that one process makes for the same time keep their order. An
 * event that has its id before it is put can be put again, and is stored once.
 * @throws KAIROS_INVALID_VALUE
 * @example await events.put('orders', { '@id': newId(), item: 'tea' })
 */
export function newId(time: TimeInput = systemTicks()): string {
  // Only when it is needed: some platforms provide no random numbers while modules load.
  newKey ??= createKeyMaker()
  return keyToId(newKey(toEventTicks(time, 'time')))
}
