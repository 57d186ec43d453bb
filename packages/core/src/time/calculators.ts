import type { Calculator } from './calculator.ts'
import { calendarCalculator } from './calendar.ts'
import { type LocalDays, utcDays } from './local-days.ts'
import { relativeCalculator } from './relative.ts'
import type { Step } from './step.ts'

/** `days` are the days that a calendar step counts in. */
export function calculatorOf(step: Step, days: LocalDays = UTC_DAYS): Calculator {
  return typeof step === 'number' ? relativeCalculator(step) : calendarCalculator(step, days)
}

const UTC_DAYS = utcDays(0)
