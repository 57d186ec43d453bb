import type { Calculator } from './calculator.ts'
import { calendarCalculator } from './calendar.ts'
import { type LocalDays, localDays, UTC_DAYS } from './local-days.ts'
import { longerDays } from './longer-days.ts'
import { fanOut } from './nesting.ts'
import { relativeCalculator } from './relative.ts'
import { remembering } from './remembering.ts'
import { localResolution, nestedResolution, type Resolution } from './resolution.ts'
import type { Step } from './step.ts'
import { canonicalZone, UTC } from './zone-names.ts'

/** `days` are the days that a calendar step counts in. */
export function calculatorOf(step: Step, days: LocalDays = UTC_DAYS): Calculator {
  if (typeof step === 'number') return relativeCalculator(step)
  const calculator = calendarCalculator(step, days)
  return days === UTC_DAYS ? calculator : remembering(calculator)
}

/** The buckets of a checked interval, and its resolution buckets; its zone by its canonical name. */
export function spansOf(interval: {
  readonly step: Step
  readonly resolution: Step | null
  readonly zone: string
  readonly offset: number
}): {
  readonly buckets: Calculator
  readonly resolution: Resolution | null
  readonly fanOut: number
  readonly zone: string
} {
  const { step, resolution, offset } = interval
  const zone = canonicalZone(interval.zone)!
  const days = localDays({ zone, offset })
  const buckets = calculatorOf(step, days)
  if (resolution === null) return { buckets, resolution: null, fanOut: 1, zone }
  const isNested = typeof resolution === 'string' || (zone === UTC && offset === 0)
  return {
    buckets,
    resolution: isNested ? nestedResolution(calculatorOf(resolution, days)) : localResolution(buckets, resolution),
    fanOut: fanOut(step, resolution, longerDays(zone))!,
    zone,
  }
}
