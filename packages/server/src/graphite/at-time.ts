import { RequestError } from '@kairos/events/http'
import { quoted } from '../http/quoted.ts'
import type { ZoneClock } from './zone-clock.ts'

const MINUTE = 60
const DAY = 86_400
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
/** Characters of a time or a span. */
const LONGEST = 200
/** The last second of the year 9999. */
const LATEST = 253_402_300_799

/** Seconds of a unit, by what its name begins with; `mon` is 30 days and `y` 365. */
const UNITS: readonly (readonly [start: string, seconds: number])[] = [
  ['s', 1],
  ['min', MINUTE],
  ['h', 3600],
  ['d', DAY],
  ['w', 7 * DAY],
  ['mon', 30 * DAY],
  ['y', 365 * DAY],
]

/**
 * A time in one of Graphite's forms, in Unix seconds: seconds, `now`, `-6h`, `noon yesterday`, `midnight-2d`, `18:30_20240229`, `6pm today`,
 * `monday`, `jan 5`, `12/31/24`, `20240229`. Local times are those of the zone.
 * @throws RequestError if it is not such a time
 */
export function parseAtTime(text: string, clock: ZoneClock, now: number): number {
  if (text.length > LONGEST) throw unknownTime(text, `at most ${LONGEST} characters long`)
  const compact = text.trim().toLowerCase().replace(/[_, ]/g, '')
  if (/^\d+$/.test(compact) && !isDate(compact)) return inRange(Number(compact), text)
  const sign = compact.search(/[+-]/)
  const [reference, offset] = sign < 0 ? [compact, ''] : [compact.slice(0, sign), compact.slice(sign)]
  return inRange(referenceOf(reference, clock, now, text) + parseOffset(offset), text)
}

/**
 * A span of Graphite, such as `-6h`, `1d12h` or `5min`, in seconds; without one 0.
 * @throws RequestError if it is not such a span
 */
export function parseOffset(text: string): number {
  if (text === '') return 0
  if (text.length > LONGEST || !/^[+-]?(?:\d{1,12}[a-z]+)+$/i.test(text)) throw unknownSpan(text)
  let seconds = 0
  for (const [, count, unit] of text.toLowerCase().matchAll(/(\d+)([a-z]+)/g)) {
    const known = UNITS.find(([start]) => unit!.startsWith(start))
    if (known === undefined) throw unknownSpan(text)
    seconds += Number(count) * known[1]
  }
  return text.startsWith('-') ? -seconds : seconds
}

function unknownSpan(text: string): RequestError {
  return new RequestError(400, `a span must be like 6h, 5min, 30s, 1d, 2w, 1mon or 1y, not ${quoted(text)}`)
}

function inRange(seconds: number, text: string): number {
  if (seconds >= 0 && seconds <= LATEST) return seconds
  throw unknownTime(text, 'between 1970 and 9999')
}

function unknownTime(text: string, expected: string): RequestError {
  return new RequestError(400, `a time must be ${expected}, not ${quoted(text)}`)
}

/** Eight digits are a date where they can be one. */
function isDate(digits: string): boolean {
  return digits.length === 8 && digits > '1901' && digits.slice(4, 6) < '13' && digits.slice(6) < '32'
}

function referenceOf(reference: string, clock: ZoneClock, now: number, text: string): number {
  if (reference === '' || reference === 'now') return now
  const { seconds, rest } = clockTime(reference)
  const today = Math.floor(clock.localOf(now) / DAY) * DAY
  const day = dayOf(rest, today)
  if (day === null) throw unknownTime(text, 'like -6h, now, noon yesterday, 18:30_20240229, monday or 1709208000')
  return clock.instantOf(day + seconds)
}

/** The time of day at the beginning, and what follows it. */
function clockTime(reference: string): { seconds: number; rest: string } {
  for (const [word, hour] of [
    ['midnight', 0],
    ['noon', 12],
    ['teatime', 16],
  ] as const)
    if (reference.startsWith(word)) return { seconds: hour * 3600, rest: reference.slice(word.length) }
  const found = /^(\d{1,2}):(\d\d)(am|pm)?|^(\d{1,2})(am|pm)/.exec(reference)
  if (found === null) return { seconds: 0, rest: reference }
  const half = found[3] ?? found[5]
  let hour = Number(found[1] ?? found[4])
  if (half !== undefined) hour = (hour % 12) + (half === 'pm' && hour <= 12 ? 12 : 0)
  const minute = Number(found[2] ?? 0)
  if (hour > 23 || minute > 59) throw unknownTime(reference, 'from 00:00 to 23:59')
  return { seconds: hour * 3600 + minute * MINUTE, rest: reference.slice(found[0].length) }
}

/** The local midnight that a word or a date names; null: it is not one. */
function dayOf(text: string, today: number): number | null {
  if (text === '' || text === 'today') return today
  if (text === 'yesterday') return today - DAY
  if (text === 'tomorrow') return today + DAY
  const slashes = /^(\d{1,2})\/(\d{1,2})\/(\d{1,4})$/.exec(text)
  if (slashes !== null) return dateOf(century(Number(slashes[3])), Number(slashes[1]), Number(slashes[2]))
  if (/^\d{8}$/.test(text)) return dateOf(Number(text.slice(0, 4)), Number(text.slice(4, 6)), Number(text.slice(6)))
  const named = /^([a-z]{3})[a-z]*(\d{1,2})?$/.exec(text)
  if (named === null) return null
  const [, name, day] = named
  const month = MONTHS.indexOf(name!)
  if (month >= 0)
    return day === undefined ? null : dateOf(new Date(today * 1000).getUTCFullYear(), month + 1, Number(day))
  const weekday = WEEKDAYS.indexOf(name!)
  if (weekday < 0 || day !== undefined) return null
  return today - ((new Date(today * 1000).getUTCDay() - weekday + 7) % 7) * DAY
}

/** Two digits are a year from 1970 to 2069. */
function century(year: number): number {
  const full = year < 1900 ? year + 1900 : year
  return full < 1970 ? full + 100 : full
}

function dateOf(year: number, month: number, day: number): number | null {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() / 1000 : null
}
