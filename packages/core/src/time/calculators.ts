import type { Calculator } from './calculator.ts'
import { calendarCalculator } from './calendar.ts'
import { type LocalDays, localDays, utcDays } from './local-days.ts'
import { relativeCalculator } from './relative.ts'
import { localResolution, nestedResolution, type Resolution } from './resolution.ts'
import type { Step } from './step.ts'

/** `days` are the days that a calendar step counts in. */
export function calculatorOf(step: Step, days: LocalDays = UTC_DAYS): Calculator {
  return typeof step === 'number' ? relativeCalculator(step) : calendarCalculator(step, days)
}

const UTC_DAYS = utcDays(0)

/** The buckets of an interval, and its resolution buckets. */
export function spansOf({
  step,
  resolution,
  zone,
  offset,
}: {
  readonly step: Step
  readonly resolution: Step | null
  readonly zone: string
  readonly offset: number
}): { readonly buckets: Calculator; readonly resolution: Resolution | null } {
  const isUtc = zone === 'UTC' && offset === 0
  const days = isUtc ? UTC_DAYS : localDays(zone, offset)
  const buckets = calculatorOf(step, days)
  if (resolution === null) return { buckets, resolution: null }
  return {
    buckets,
    resolution:
      isUtc || typeof resolution === 'string'
        ? nestedResolution(calculatorOf(resolution, days))
        : localResolution(buckets, resolution),
  }
}
