import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { type Calculator, shiftBucket } from './calculator.ts'
import { calculatorOf } from './calculators.ts'
import { type CalendarOptions, daysOf } from './calendar-options.ts'
import { type StepForm, stepAt } from './step.ts'
import { type Timestamp, toSeconds } from './timestamp.ts'

/** Maps timestamps to the buckets of one step, and back. Buckets are integers; times are Unix seconds. */
export interface Bucketing {
  /** The bucket that holds `timestamp`, shifted by `steps` buckets. */
  toBucket(timestamp: Timestamp, steps?: number): number
  /** Where the bucket starts, in Unix seconds. */
  fromBucket(bucket: number): number
  /** Every bucket that overlaps [start, end], at most ten million; none if start is after end. */
  buckets(start: Timestamp, end: Timestamp): number[]
  /** Seconds in the bucket that holds `start`; with `end`, from the start of its bucket to the end of `end`'s. */
  stepSize(start: Timestamp, end?: Timestamp): number
}

/**
 * The bucketing of a step: seconds, a span such as `'1h'`, or a calendar word such as `'daily'`, optionally in a time zone. A day begins at the
 * first instant whose local date and time are at or past its date and offset, so it has 23, 24 or 25 hours; a day that a zone skipped is not a
 * bucket.
 * @throws KAIROS_INVALID_CONFIG for anything else; its functions throw KAIROS_INVALID_VALUE, and `buckets` KAIROS_INVALID_RANGE
 * @example `bucketing('daily').toBucket(new Date('2024-02-29')) // 20240229`
 * @example `bucketing('daily', { zone: 'Europe/Berlin' }).stepSize(new Date('2024-03-31')) // 82800`
 */
export function bucketing(step: StepForm, options?: CalendarOptions): Bucketing {
  const parsed = stepAt('step', step)
  const calculator = calculatorOf(parsed, daysOf(parsed, options))
  return {
    toBucket(timestamp, steps = 0) {
      if (!Number.isSafeInteger(steps)) {
        throw new KairosError('KAIROS_INVALID_VALUE', `steps must be an integer, not ${describe(steps)}`, {
          value: steps,
        })
      }
      const bucket = shiftBucket(calculator, calculator.bucketOf(toSeconds(timestamp)), steps)
      if (!Number.isSafeInteger(bucket)) {
        throw new KairosError(
          'KAIROS_INVALID_VALUE',
          `steps must lead to a bucket that is a safe integer, not be ${steps}`,
          { value: steps },
        )
      }
      return bucket
    },
    fromBucket(bucket) {
      if (!Number.isSafeInteger(bucket) || !calculator.isBucket(bucket)) {
        throw new KairosError('KAIROS_INVALID_VALUE', `${describe(bucket)} is not a bucket of step ${describe(step)}`, {
          value: bucket,
        })
      }
      return calculator.startOf(bucket)
    },
    buckets(start, end) {
      const from = toSeconds(start)
      const to = toSeconds(end)
      return from > to ? [] : bucketsBetween(calculator, calculator.bucketOf(from), calculator.bucketOf(to))
    },
    stepSize(start, end = start) {
      return (
        calculator.endOf(calculator.bucketOf(toSeconds(end))) -
        calculator.startOf(calculator.bucketOf(toSeconds(start)))
      )
    },
  }
}

/** As many numbers as a list can hold comfortably. */
const MOST_BUCKETS = 10_000_000

/** Every bucket from first to last, both included. */
function bucketsBetween(calculator: Calculator, first: number, last: number): number[] {
  const end = calculator.ordinalOf(last)
  const start = calculator.ordinalOf(first)
  if (end - start >= MOST_BUCKETS) {
    throw new KairosError(
      'KAIROS_INVALID_RANGE',
      `the range must have at most ${MOST_BUCKETS} buckets, not ${end - start + 1}`,
      { steps: end - start + 1 },
    )
  }
  const buckets: number[] = []
  for (let ordinal = start; ordinal <= end; ordinal++) buckets.push(calculator.bucketAt(ordinal))
  return buckets
}
