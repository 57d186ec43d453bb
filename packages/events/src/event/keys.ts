import { eventTime, UUID_EPOCH } from '@kairos/core/driver'
import { invalidValue } from '../checks/errors.ts'

/** The first tick that an id can hold: 1582-10-15T00:00:00Z. */
export const EARLIEST_TIME: bigint = -UUID_EPOCH
/** The last one, in the year 5236: the time in an id has 60 bits. */
export const LATEST_TIME: bigint = (1n << 60n) - 1n - UUID_EPOCH

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** Keys before and after every key that an event can have. */
export const FIRST_KEY: string = '0'.repeat(32)
export const LAST_KEY: string = 'f'.repeat(32)

/**
 * The key of an id, by which stores sort: the bytes of the UUID, with the words of its time reversed so that the most significant comes first.
 * null if it is not a version-1 UUID.
 */
export function idToKey(id: string): string | null {
  if (!UUID.test(id)) return null
  const lower = id.toLowerCase()
  return lower.slice(14, 18) + lower.slice(9, 13) + lower.slice(0, 8) + lower.slice(19, 23) + lower.slice(24)
}

/** The id that an event shows: a lower-case UUID. */
export function keyToId(key: string): string {
  return `${key.slice(8, 16)}-${key.slice(4, 8)}-${key.slice(0, 4)}-${key.slice(16, 20)}-${key.slice(20)}`
}

/**
 * The key of an id that a caller passed at `path`.
 * @throws KAIROS_INVALID_VALUE
 */
export function parseId(id: unknown, path: string): string {
  const key = typeof id === 'string' ? idToKey(id) : null
  if (key === null) throw invalidValue({ path, expected: "an event's id, a version-1 UUID", value: id })
  return key
}

/** The time in a key, in ticks. */
export const keyToTime: (key: string) => bigint = eventTime

/** A key before all keys of this time. A time outside what an id can hold counts as the nearest one inside. */
export function firstKeyAt(time: bigint): string {
  return time > LATEST_TIME ? LAST_KEY : timePart(time < EARLIEST_TIME ? EARLIEST_TIME : time) + '0'.repeat(16)
}

/** A key after all keys of this time, with the same rule. */
export function lastKeyAt(time: bigint): string {
  return time < EARLIEST_TIME ? FIRST_KEY : timePart(time > LATEST_TIME ? LATEST_TIME : time) + 'f'.repeat(16)
}

/** The next of all 32-digit keys, whether or not an event could have it. */
export function keyAfter(key: string): string {
  return shiftKey(key, 1n)
}

/** The previous of all 32-digit keys, whether or not an event could have it. */
export function keyBefore(key: string): string {
  return shiftKey(key, -1n)
}

function shiftKey(key: string, by: bigint): string {
  return BigInt.asUintN(128, BigInt(`0x${key}`) + by)
    .toString(16)
    .padStart(32, '0')
}

function timePart(time: bigint): string {
  return `1${(time + UUID_EPOCH).toString(16).padStart(15, '0')}`
}

/** Random words are drawn in batches: one call for each would cost more than everything else that an id needs. */
const WORDS = 256

/**
 * Returns a function that makes unique keys. The 60 bits after the time are 28 of a counter, so that events of one time keep the order in which
 * they were made, and 32 random ones.
 */
export function createKeyMaker(): (time: bigint) => string {
  const words = new Uint32Array(WORDS)
  let used = WORDS
  const random = (): number => {
    if (used === WORDS) {
      crypto.getRandomValues(words)
      used = 0
    }
    return words[used++]!
  }
  // A random start keeps two processes apart. It is in the lower half, so that the counter can grow for a long time before it wraps around.
  let counter = random() >>> 5
  let lastTime: bigint | undefined
  let lastPart = ''
  return (time) => {
    if (time !== lastTime) {
      lastTime = time
      lastPart = `${timePart(time)}8`
    }
    counter = (counter + 1) & 0x0fff_ffff
    return lastPart + counter.toString(16).padStart(7, '0') + random().toString(16).padStart(8, '0')
  }
}
