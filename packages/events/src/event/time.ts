import { KairosError } from '@kairos/core'
import { describe } from '@kairos/core/driver'
import { EARLIEST_TIME, LATEST_TIME } from './keys.ts'

/**
 * A point in time: `bigint` ticks of 100 ns since 1970-01-01T00:00:00Z, a `number` of seconds since then, a `Date`, or an ISO text with up to 7
 * decimals (`2024-05-06`, `2024-05-06T07:08:09.1234567Z`, with an offset `+02:00`; without one it is UTC).
 */
export type TimeInput = bigint | number | Date | string

const TICKS_A_SECOND = 10_000_000n
const TICKS_A_MILLISECOND = 10_000n
/** 0000-01-01, and 10000-01-01. */
const FIRST_OF_ISO = -621_672_192_000_000_000n
const END_OF_ISO = 2_534_023_008_000_000_000n
const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?(Z|[+-]\d\d:?\d\d)?)?$/i

/**
 * The ticks of a time, exactly; of a `number` with a fraction, the nearest tick.
 * @throws KAIROS_INVALID_VALUE
 */
export function toTicks(time: TimeInput): bigint {
  if (typeof time === 'bigint') return time
  if (typeof time === 'number' && Number.isFinite(time)) return ticksOfSeconds(time)
  if (time instanceof Date && !Number.isNaN(time.getTime())) return BigInt(time.getTime()) * TICKS_A_MILLISECOND
  const ticks = typeof time === 'string' ? ticksOfIso(time) : null
  if (ticks === null) throw invalidTime(time)
  return ticks
}

/**
 * The ticks of an event's time.
 * @throws KAIROS_INVALID_VALUE also for times that no id can say: before 1582-10-15, after the year 5236
 */
export function toEventTicks(time: TimeInput, path = '@time'): bigint {
  const ticks = toTicks(time)
  if (!isEventTime(ticks)) throw timeOutOfRange(time, path)
  return ticks
}

/** Whether an event may have this time: an id can say it. */
export function isEventTime(ticks: bigint): boolean {
  return ticks >= EARLIEST_TIME && ticks <= LATEST_TIME
}

/** The later one of two times. */
export function later(a: bigint, b: bigint): bigint {
  return [a, b].reduce((latest, each) => (each > latest ? each : latest))
}

export function timeOutOfRange(time: TimeInput, path: string): KairosError {
  const remedy = typeof time === 'number' ? '; a number counts seconds: pass milliseconds as a Date' : ''
  return new KairosError(
    'KAIROS_INVALID_VALUE',
    `${path} must be a time that an event can have, from ${EARLIEST_TIME} (1582-10-15) to ${LATEST_TIME} (5236) in ticks of 100 ns, not ${describe(time)}${remedy}`,
    { path, value: time },
  )
}

/**
 * A clock whose answers are checked: milliseconds, or a number, would be other times than were meant.
 * @throws KAIROS_INVALID_CONFIG when it is asked
 */
export function checkedClock(now: () => bigint): () => bigint {
  return () => {
    const ticks: unknown = now()
    if (typeof ticks === 'bigint' && isEventTime(ticks)) return ticks
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `now must give ticks of 100 ns since 1970 as a bigint, not ${describe(ticks)}; toTicks(new Date()) does`,
      { path: 'now', value: ticks },
    )
  }
}

/** Ticks by the system's clock, which knows milliseconds. */
export function systemTicks(): bigint {
  return BigInt(Date.now()) * TICKS_A_MILLISECOND
}

/**
 * The millisecond that a tick lies in.
 * @throws KAIROS_INVALID_VALUE
 */
export function toDate(ticks: bigint): Date {
  if (typeof ticks !== 'bigint') throw invalidTicks(ticks)
  return new Date(Number(floorDivide(ticks, TICKS_A_MILLISECOND)))
}

/**
 * The whole second that a tick lies in, as timeseries count them: Unix time.
 * @throws KAIROS_INVALID_VALUE
 */
export function toSeconds(ticks: bigint): number {
  if (typeof ticks !== 'bigint') throw invalidTicks(ticks)
  return Number(floorDivide(ticks, TICKS_A_SECOND))
}

/**
 * ISO text with 7 decimals, which `toTicks` reads back without loss.
 * @throws KAIROS_INVALID_VALUE outside the years 0000 to 9999, which have four digits
 */
export function toIso(ticks: bigint): string {
  if (typeof ticks !== 'bigint' || ticks < FIRST_OF_ISO || ticks >= END_OF_ISO) throw invalidTime(ticks)
  const second = floorDivide(ticks, TICKS_A_SECOND)
  const fraction = ticks - second * TICKS_A_SECOND
  const text = new Date(Number(second) * 1_000).toISOString()
  return `${text.slice(0, -5)}.${fraction.toString().padStart(7, '0')}Z`
}

function ticksOfSeconds(seconds: number): bigint {
  const whole = Math.floor(seconds)
  // Apart, since a double has not the digits for both.
  return BigInt(whole) * TICKS_A_SECOND + BigInt(Math.round((seconds - whole) * 1e7))
}

function ticksOfIso(text: string): bigint | null {
  const match = ISO.exec(text)
  if (match === null) return null
  const [, date, minute = '00:00', second = '00', fraction = '', zone = 'Z'] = match
  const plain = `${date}T${minute}:${second}`
  const parsed = new Date(`${plain}Z`)
  // Date.parse takes February 30 for March 1.
  if (Number.isNaN(parsed.getTime()) || !parsed.toISOString().startsWith(plain)) return null
  const offset = offsetOf(zone)
  if (offset === null) return null
  return BigInt(parsed.getTime() - offset) * TICKS_A_MILLISECOND + BigInt(fraction.padEnd(7, '0'))
}

/** In milliseconds. */
function offsetOf(zone: string): number | null {
  if (zone === 'Z' || zone === 'z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(-2))
  if (hours > 23 || minutes > 59) return null
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  return dividend % divisor < 0n ? quotient - 1n : quotient
}

function invalidTicks(ticks: unknown): KairosError {
  return new KairosError('KAIROS_INVALID_VALUE', `ticks must be a bigint, not ${describe(ticks)}`, { value: ticks })
}

function invalidTime(time: unknown): KairosError {
  return new KairosError(
    'KAIROS_INVALID_VALUE',
    `a time must be ticks of 100 ns as a bigint, seconds as a number, a Date, or ISO text with at most 7 decimals, not ${describe(time)}`,
    { value: time },
  )
}
