import { eventTime } from '@kairos/core/driver'

/** From 1582-10-15, where the time of a version-1 UUID begins, to 1970-01-01, in ticks of 100 ns. */
const EPOCH = 0x01b21dd213814000n
/** The first tick that an id can say: 1582-10-15T00:00:00Z. */
export const EARLIEST_TIME: bigint = -EPOCH
/** The last one, in the year 5236: the time of an id has 60 bits. */
export const LATEST_TIME: bigint = (1n << 60n) - 1n - EPOCH

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** Keys before and after all that an event can have. */
export const FIRST_KEY: string = '0'.repeat(32)
export const LAST_KEY: string = 'f'.repeat(32)

/**
 * The key of an id, by which stores order: the UUID's bytes with the words of its time turned round, so that the highest comes first.
 * null: no UUID of version 1.
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

/** The time in a key, in ticks. */
export const keyToTime: (key: string) => bigint = eventTime

/** A key before all of this time's; of times that no id can say, the nearest that one can. */
export function firstKeyAt(time: bigint): string {
  return time > LATEST_TIME ? LAST_KEY : timePart(time < EARLIEST_TIME ? EARLIEST_TIME : time) + '0'.repeat(16)
}

/** A key after all of this time's; likewise. */
export function lastKeyAt(time: bigint): string {
  return time < EARLIEST_TIME ? FIRST_KEY : timePart(time > LATEST_TIME ? LATEST_TIME : time) + 'f'.repeat(16)
}

/** The next or the previous of all 32-digit keys, whether or not an event could have it. */
export function keyBeside(key: string, by: 1n | -1n): string {
  return BigInt.asUintN(128, BigInt(`0x${key}`) + by)
    .toString(16)
    .padStart(32, '0')
}

function timePart(time: bigint): string {
  return `1${(time + EPOCH).toString(16).padStart(15, '0')}`
}

/** Random words are drawn by the hundred: a call each costs more than all else that an id needs. */
const WORDS = 256

/**
 * Makes keys that nobody else makes. The 60 bits after the time: 28 of a counter, so that events of one time keep the order they were made in,
 * and 32 random ones.
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
  // A random start keeps two processes apart; in the lower half, so that it can grow for long before it begins again.
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
