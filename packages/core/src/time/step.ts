import type { Calculator } from './calculator.ts'
import { type CalendarWord, calendarCalculator, isCalendarWord } from './calendar.ts'
import { relativeCalculator } from './relative.ts'

/** A parsed `step` or `resolution`: seconds, or a calendar's word. It is also the canonical form that stores keep. */
export type Step = number | CalendarWord

const UNITS: Readonly<Record<string, number>> = { h: 3_600, d: 86_400, w: 604_800, m: 2_592_000, y: 31_536_000 }

/** What a step may be, for messages. */
export const STEP_FORMS =
  "seconds (60, '300'), a span ('1h', '7d', '2w', '30d', '1y'; m is a month of 30 days) or daily, weekly, monthly, yearly"

/** The step that the configuration means, or null where it means none. */
export function parseStep(value: unknown): Step | null {
  if (isCalendarWord(value)) return value
  const seconds = typeof value === 'number' ? value : parseSpan(value)
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds : null
}

function parseSpan(value: unknown): number {
  const match = typeof value === 'string' ? /^(\d+)([hdwmy]?)$/.exec(value) : null
  if (match === null) return Number.NaN
  const unit = match[2] === '' ? 1 : UNITS[match[2]!]!
  return Number(match[1]) * unit
}

export function calculatorOf(step: Step): Calculator {
  return typeof step === 'number' ? relativeCalculator(step) : calendarCalculator(step)
}
