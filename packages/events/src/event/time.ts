import type { KairosError } from '@kairos/core'
import { invalidValue, type Mistake } from '../checks/errors.ts'
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
 * The ticks of 100 ns since 1970 of a time, exactly; of a `number` with a fraction, the nearest tick.
 * @throws KAIROS_INVALID_VALUE
 * @example toTicks('2024-05-06T07:08:09.1234567Z') // 17149792891234567n
 */
export function toTicks(time: TimeInput): bigint {
  return parseTime(time, 'time')
}

/**
 * The ticks of a time that an event can have.
 * @throws KAIROS_INVALID_VALUE, also for times that no id can hold: before 1582-10-15, after the year 5236
 */
export function toEventTicks(time: TimeInput, path = '@time'): bigint {
  const ticks = parseTime(time, path)
  if (!isEventTime(ticks)) throw invalidValue(timeOutOfRange(time, path))
  return ticks
}

/** Whether an event can have this time: an id has room for it. */
export function isEventTime(ticks: bigint): boolean {
  return ticks >= EARLIEST_TIME && ticks <= LATEST_TIME
}

/** The later of two times. */
export function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

/** What is wrong with a time that no event can have. */
export function timeOutOfRange(time: TimeInput, path: string): Mistake {
  return {
    path,
    expected: `a time that an event can have, from ${EARLIEST_TIME} (1582-10-15) to ${LATEST_TIME} (5236) in ticks of 100 ns`,
    value: time,
    ...(typeof time === 'number' ? { remedy: 'a number counts seconds: pass milliseconds as a Date' } : {}),
  }
}

/**
 * The millisecond that contains a tick.
 * @throws KAIROS_INVALID_VALUE
 * @example toDate(event['@time']).getUTCHours()
 */
export function toDate(ticks: bigint): Date {
  if (typeof ticks !== 'bigint') throw invalidTicks(ticks)
  return new Date(Number(floorDivide(ticks, TICKS_A_MILLISECOND)))
}

/**
 * The second that contains a tick, in Unix time: a timestamp for a timeseries.
 * @throws KAIROS_INVALID_VALUE
 * @example await hits.insert('/home', 1, { timestamp: toSeconds(event['@time']) })
 */
export function toSeconds(ticks: bigint): number {
  if (typeof ticks !== 'bigint') throw invalidTicks(ticks)
  return Number(floorDivide(ticks, TICKS_A_SECOND))
}

/**
 * ISO text with 7 decimals, which `toTicks` reads back without loss.
 * @throws KAIROS_INVALID_VALUE outside the years 0000 to 9999, which have four digits
 * @example toIso(17149792891234567n) // '2024-05-06T07:08:09.1234567Z'
 */
export function toIso(ticks: bigint): string {
  if (typeof ticks !== 'bigint' || ticks < FIRST_OF_ISO || ticks >= END_OF_ISO) {
    throw invalidValue({ path: 'ticks', expected: 'a bigint in the years 0000 to 9999', value: ticks })
  }
  const second = floorDivide(ticks, TICKS_A_SECOND)
  const fraction = ticks - second * TICKS_A_SECOND
  const text = new Date(Number(second) * 1_000).toISOString()
  return `${text.slice(0, -5)}.${fraction.toString().padStart(7, '0')}Z`
}

function parseTime(time: TimeInput, path: string): bigint {
  if (typeof time === 'bigint') return time
  if (typeof time === 'number' && Number.isFinite(time)) return ticksOfSeconds(time)
  if (time instanceof Date && !Number.isNaN(time.getTime())) return BigInt(time.getTime()) * TICKS_A_MILLISECOND
  const ticks = typeof time === 'string' ? ticksOfIso(time) : null
  if (ticks === null) throw invalidTime(time, path)
  return ticks
}

function ticksOfSeconds(seconds: number): bigint {
  const whole = Math.floor(seconds)
  // Separately, since a double does not have enough digits for both.
  return BigInt(whole) * TICKS_A_SECOND + BigInt(Math.round((seconds - whole) * 1e7))
}

function ticksOfIso(text: string): bigint | null {
  const match = ISO.exec(text)
  if (match === null) return null
  const [, date, minute = '00:00', second = '00', fraction = '', zone = 'Z'] = match
  const plain = `${date}T${minute}:${second}`
  const parsed = new Date(`${plain}Z`)
  // new Date turns February 30 into March 1.
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
  return invalidValue({ path: 'ticks', expected: 'a bigint', value: ticks })
}

function invalidTime(time: unknown, path: string): KairosError {
  return invalidValue({
    path,
    expected: 'ticks of 100 ns as a bigint, seconds as a number, a Date, or ISO text with at most 7 decimals',
    value: time,
  })
}
