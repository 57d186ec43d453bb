import { describe } from '../internal/describe.ts'
import { invalidOption } from '../internal/invalid-option.ts'
import { calculatorOf } from './calculators.ts'
import { localDays } from './local-days.ts'
import { relativeCalculator } from './relative.ts'
import { localResolution } from './resolution.ts'
import { type Step, stepAt } from './step.ts'
import { canonicalZone, UTC } from './zone-names.ts'
import { parseDays, parseZone } from './zone-option.ts'

/** Other buckets than those stored, which a read asks for: each begins where the one before it ends. In Unix seconds. */
export interface AskedBuckets {
  /** Where the bucket begins that holds a moment. */
  startOf(seconds: number): number
  /** Where it ends. */
  endOf(seconds: number): number
  readonly step: Step
  /** As it was asked for. */
  readonly zone: string
}

const SECONDS_IN_DAY = 86_400

/**
 * The buckets of a step: of a calendar in a zone; of that many seconds from the epoch on or, in a zone, from each local midnight on.
 * @throws KAIROS_INVALID_CONFIG
 */
export function askedBuckets(
  { every, ...days }: { readonly every?: unknown; readonly zone?: unknown; readonly offset?: unknown },
  inherited: string,
): AskedBuckets {
  const step = stepAt('every', every)
  const { zone, offset } =
    typeof step === 'string'
      ? parseDays(step, days, '', inherited)
      : { ...parseDays(step, { offset: days.offset }), zone: parseZone('zone', days.zone) ?? inherited }
  const known = canonicalZone(zone)!
  const buckets = typeof step === 'number' && known === UTC ? relativeCalculator(step) : inDays(step, known, offset)
  return {
    startOf: (seconds) => buckets.startOf(buckets.bucketOf(seconds)),
    endOf: (seconds) => buckets.endOf(buckets.bucketOf(seconds)),
    step,
    zone,
  }
}

function inDays(
  step: Step,
  zone: string,
  offset: number,
): ReturnType<typeof localResolution> | ReturnType<typeof calculatorOf> {
  const days = localDays({ zone, offset })
  if (typeof step === 'string') return calculatorOf(step, days)
  if (SECONDS_IN_DAY % step === 0) return localResolution(calculatorOf('daily', days), step)
  throw invalidOption(
    'every',
    `every must divide a day in ${zone}, where it counts from local midnight, not be ${describe(step)} seconds; ` +
      "use a step of the calendar, or zone: 'UTC'",
  )
}
