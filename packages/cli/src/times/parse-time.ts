import { bucketing } from '@kairos/core'
import { parseSpan } from '@kairos/core/calls'
import { mustBe } from '../misuse.ts'
import { zoneOffset } from './zone-offset.ts'

/** What a time is parsed against. */
export interface Clock {
  /** Unix seconds. */
  readonly now: number
  /** Whose days and clocks are meant. */
  readonly zone: string
}

/** What the library's spans call these. */
const UNITS: Readonly<Record<string, string>> = {
  second: 's',
  minute: 'min',
  hour: 'h',
  day: 'd',
  week: 'w',
  month: 'm',
  year: 'y',
}
const DAYS: Readonly<Record<string, number>> = { today: 0, yesterday: -1, tomorrow: 1 }

/**
 * The moment that a flag means, in Unix seconds.
 * @throws Misuse
 */
export function parseTime(flag: string, text: string, clock: Clock): number {
  const given = text.trim().toLowerCase()
  const seconds = secondsOf(given) ?? relative(given, clock) ?? dayOf(given, clock) ?? isoOf(given, clock)
  if (seconds !== undefined) return seconds
  throw mustBe(flag, 'a time such as 2024-02-29T13:00, 1709211600, -24h, today or "5 days ago"', text)
}

/** The moment of a flag, if it is given. */
export function timeOf(flag: string, text: string | undefined, clock: Clock): number | undefined {
  return text === undefined ? undefined : parseTime(flag, text, clock)
}

interface Bounds<Time> {
  readonly start: Time | undefined
  readonly end: Time | undefined
}

/** The moments of --start and --end, as far as they are given. @throws Misuse */
export function boundsOf({ start, end }: Partial<Bounds<string>>, clock: Clock): Bounds<number> {
  return { start: timeOf('--start', start, clock), end: timeOf('--end', end, clock) }
}

/** From --start to --end, which is now where only the start is given. @throws Misuse */
export function rangeOf(flags: Partial<Bounds<string>>, clock: Clock): Bounds<number> {
  const { start, end } = boundsOf(flags, clock)
  return { start, end: end ?? (start !== undefined && start <= clock.now ? clock.now : undefined) }
}

function secondsOf(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
}

function relative(text: string, { now }: Clock): number | undefined {
  if (text === 'now') return now
  const span = /^(?:now)?([+-])(\d+(?:s|min|[hdwmy]))$/.exec(text)
  if (span !== null) return now + (span[1] === '-' ? -1 : 1) * parseSpan(span[2])
  const ago = /^(\d+|an?) (second|minute|hour|day|week|month|year)s? ago$/.exec(text)
  if (ago !== null) return now - parseSpan(`${/^a/.test(ago[1]!) ? 1 : ago[1]}${UNITS[ago[2]!]}`)
  const last = /^last (second|minute|hour|day|week|month|year)$/.exec(text)
  return last === null ? undefined : now - parseSpan(`1${UNITS[last[1]!]}`)
}

function dayOf(text: string, { now, zone }: Clock): number | undefined {
  if (!Object.hasOwn(DAYS, text)) return undefined
  const days = bucketing('daily', { zone })
  return days.fromBucket(days.toBucket(now, DAYS[text]!))
}

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[t ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?\s*(z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?)?$/

function isoOf(text: string, { zone }: Clock): number | undefined {
  const match = ISO.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  const local = date.getTime() / 1000 + hour * 3600 + minute * 60 + second
  const offset = match[7]
  return offset === undefined ? momentOf(local, zone) : local - offsetOf(offset)
}

function offsetOf(text: string): number {
  if (text === 'z') return 0
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(text)!
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60)
}

/** When the clocks of a zone show this: the first time, where they show it twice; where they skip it, as if they had not been changed. */
function momentOf(local: number, zone: string): number {
  const around = [-86_400, 86_400].map((days) => zoneOffset(zone, local + days))
  const found = around.map((offset) => local - offset).filter((moment) => moment + zoneOffset(zone, moment) === local)
  return found.length === 0 ? local - around[0]! : Math.min(...found)
}
