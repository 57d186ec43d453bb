import { must } from '../internal/invalid-option.ts'

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

/** The steps that are the calendar's own, and how many days their longest bucket has. */
export const CALENDAR = { daily: 1, weekly: 7, 'iso-weekly': 7, monthly: 31, quarterly: 92, yearly: 366 } as const
export type CalendarWord = keyof typeof CALENDAR

/** A parsed `step` or `resolution`: seconds, or a calendar's word. It is also the canonical form that stores keep. */
export type Step = number | CalendarWord

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
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
const SPAN = /^(\d+)(s|min|[hdwmy]|)$/
/** Of what may be meant as a span. */
const LIKE_A_SPAN = /^\s*(-?\d*\.?\d+)\s*([a-zµ]*)$/

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
 * The parsed step.
 * @throws KAIROS_INVALID_CONFIG
 */
export function stepAt(path: string, value: unknown): Step {
  const step = parseStep(value)
  if (step !== null) return step
  const isBelowSecond = (typeof value === 'number' ? value : secondsIn(LIKE_A_SPAN, value)) < 1
  const expected = isBelowSecond
    ? 'at least one second long, since no bucket is shorter'
    : "whole seconds (60, '300'), a span ('30s', '15min', '1h', '7d', '2w', '1y'; '1m' is a month of 30 days) or " +
      Object.keys(CALENDAR).join(', ')
  must(false, path, expected, value)
}

/**
 * The seconds of a span; NaN for anything else.
 * @example `parseSpan('6h') // 21600`
 */
export function parseSpan(value: unknown): number {
  return secondsIn(SPAN, value)
}

function secondsIn(pattern: RegExp, value: unknown): number {
  const [, count, unit] = (typeof value === 'string' && pattern.exec(value)) || []
  return Number(count) * UNITS[unit!]!
}

function isCalendarWord(value: unknown): value is CalendarWord {
  return typeof value === 'string' && Object.hasOwn(CALENDAR, value)
}
