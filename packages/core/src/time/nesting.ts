import { CALENDAR, type CalendarWord, type Step } from './step.ts'

const SECONDS_IN_DAY = 86_400

/** How many buckets of one calendar step another contains at most; days nest in all of them, and no other pairs do. */
const NESTED: Partial<Record<CalendarWord, Partial<Record<CalendarWord, number>>>> = {
  quarterly: { monthly: 3 },
  yearly: { monthly: 12, quarterly: 4, weekly: 54 },
}

/**
 * The most buckets of `resolution` inside one of `step`, or null if the resolution does not nest: a resolution bucket would straddle two
 * buckets, or there would be just one in each. `longer`: how many seconds the days of a zone can be longer than those of UTC.
 */
export function fanOut(step: Step, resolution: Step, longer = 0): number | null {
  if (typeof resolution === 'number') {
    if (typeof step === 'number') return divides(resolution, step)
    return SECONDS_IN_DAY % resolution === 0 && (resolution < SECONDS_IN_DAY || step !== 'daily')
      ? Math.ceil((CALENDAR[step] * SECONDS_IN_DAY + longer) / resolution)
      : null
  }
  if (typeof step === 'number') return resolution === 'daily' ? divides(SECONDS_IN_DAY, step) : null
  if (step === resolution) return null
  if (resolution === 'daily') return CALENDAR[step]
  return NESTED[step]?.[resolution] ?? null
}

function divides(part: number, whole: number): number | null {
  return part < whole && whole % part === 0 ? whole / part : null
}
