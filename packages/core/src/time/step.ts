import { describe } from '../internal/describe.ts'

/**
 * How a `step` or a `resolution` is written: whole seconds; a span of `s` seconds, `min` minutes, `h` hours, `d` days, `w` weeks of 7 days,
 * `m` months of 30 days (**not minutes**) or `y` years of 365 days; or the calendar's own, in UTC.
 */
export type StepForm =
  | number
  | `${number}`
  | `${number}${'s' | 'min' | 'h' | 'd' | 'w' | 'm' | 'y'}`
  | 'daily'
  | 'weekly'
  | 'iso-weekly'
  | 'monthly'
  | 'quarterly'
  | 'yearly'

/** The steps that are the calendar's own. */
const CALENDAR_WORDS = ['daily', 'weekly', 'iso-weekly', 'monthly', 'quarterly', 'yearly'] as const
export type CalendarWord = (typeof CALENDAR_WORDS)[number]

/** A parsed `step` or `resolution`: seconds, or a calendar's word. It is also the canonical form that stores keep. */
export type Step = number | CalendarWord

const UNITS: Readonly<Record<string, number>> = {
  s: 1,
  min: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
  m: 2_592_000,
  y: 31_536_000,
  // Too short for a step: recognised for the message, and not by parseSpan.
  ms: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  ns: 1e-9,
}

/** What is wrong with an invalid step, for the end of a message. */
export function stepFault(value: unknown): string {
  const expected = isBelowSecond(value)
    ? 'at least one second long, since no bucket is shorter'
    : "whole seconds (60, '300'), a span ('30s', '15min', '1h', '7d', '2w', '1y'; '1m' is a month of 30 days) or " +
      CALENDAR_WORDS.join(', ')
  return `must be ${expected}, not ${describe(value)}`
}

function isBelowSecond(value: unknown): boolean {
  if (typeof value === 'number') return value < 1
  const match = typeof value === 'string' ? /^\s*(-?\d*\.?\d+)\s*([a-zµ]*)$/.exec(value) : null
  const unit = match === null || match[2] === '' ? 1 : UNITS[match[2]!]
  return match !== null && unit !== undefined && Number(match[1]) * unit < 1
}

/**
 * The parsed step, or null if it is invalid.
 * @example `parseStep('1h') // 3600`
 */
export function parseStep(value: unknown): Step | null {
  if (isCalendarWord(value)) return value
  const seconds = typeof value === 'number' ? value : parseSpan(value)
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds : null
}

/**
 * The seconds of a span; NaN for anything else.
 * @example `parseSpan('6h') // 21600`
 */
export function parseSpan(value: unknown): number {
  const match = typeof value === 'string' ? /^(\d+)(s|min|[hdwmy]|)$/.exec(value) : null
  if (match === null) return Number.NaN
  const unit = match[2] === '' ? 1 : UNITS[match[2]!]!
  return Number(match[1]) * unit
}

function isCalendarWord(value: unknown): value is CalendarWord {
  return (CALENDAR_WORDS as readonly unknown[]).includes(value)
}
