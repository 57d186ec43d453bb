import type { BucketRange } from '../../contract/cells.ts'
import { KairosError } from '../../errors.ts'
import { describe } from '../../internal/describe.ts'
import { ALWAYS, livePart, liveRange } from '../../retention.ts'
import type { Interval } from '../../settings.ts'
import { shiftBucket } from '../../time/calculator.ts'
import { MAP_COST } from '../../types/rules.ts'
import type { Context } from '../context.ts'
import { type Stretch, stretchOf } from '../selected.ts'
import type { ReadPlan } from './plan.ts'
import { isNested } from './shape.ts'

/**
 * As many numbers as a Map can hold comfortably: a range that is too long by mistake ends in an error, not in exhausted memory. `emptyCost` is
 * the least that each bucket of a result costs, in numbers.
 */
export const MOST_BUCKETS = 10_000_000

/** Expired buckets are never requested: whether the store has reclaimed them must not show. */
export function liveIn(context: Context, plan: ReadPlan, range: BucketRange, now: number): BucketRange | null {
  return plan.names.length === 0 ? null : livePart(range, context.retention.oldestLive(now)[plan.interval.name]!)
}

/** The live stored buckets between the first and the last of these edges. */
export function liveBetween(
  { retention }: Context,
  { name, buckets }: Interval,
  edges: readonly number[],
  now: number,
): BucketRange | null {
  const range = { first: buckets.bucketOf(edges[0]!), last: buckets.bucketOf(edges.at(-1)! - 1) }
  return livePart(range, retention.oldestLive(now)[name]!)
}

/** @throws KAIROS_INVALID_RANGE */
export function rangeOf(context: Context, plan: ReadPlan, now: number): BucketRange {
  const { interval, fields } = plan
  const { buckets } = interval
  const steps = stepsOf(fields.steps) ?? interval.steps ?? 1
  const stretch = stretchOf(fields.start, fields.end)
  if (stretch.start !== undefined && stretch.end !== undefined) {
    const range = { first: buckets.bucketOf(stretch.start), last: buckets.bucketOf(stretch.end) }
    checkSize(context, plan, sizeOf(plan, range))
    return range
  }
  checkSize(context, plan, steps)
  return stepsFrom(plan, stretch, steps, now)
}

/** This many buckets from the start, or up to the end or now. */
export function stepsFrom(
  { interval: { buckets } }: ReadPlan,
  { start, end }: Stretch,
  steps: number,
  now: number,
): BucketRange {
  if (start !== undefined) {
    const first = buckets.bucketOf(start)
    return { first, last: shiftBucket(buckets, first, steps - 1) }
  }
  const last = buckets.bucketOf(end ?? now)
  return { first: shiftBucket(buckets, last, 1 - steps), last }
}

export function sizeOf({ interval: { buckets } }: ReadPlan, { first, last }: BucketRange): number {
  return buckets.ordinalOf(last) - buckets.ordinalOf(first) + 1
}

/** How many buckets one read lists at most. */
export function mostBuckets({ settings }: Context, plan: ReadPlan): number {
  const flatCost = plan.fill === undefined ? (plan.transformCost ?? settings.rules.emptyCost) : 1
  const emptyCost = isNested(plan) ? MAP_COST : flatCost
  return Math.floor(MOST_BUCKETS / emptyCost / Math.max(1, plan.groups?.length ?? 1))
}

/** A result lists every bucket of its range; a collapsed one has a single entry, however long the range. */
function checkSize(context: Context, plan: ReadPlan, steps: number): void {
  const { interval } = plan
  if (plan.collapse === undefined) {
    const most = mostBuckets(context, plan)
    if (steps <= most) return
    throw invalidRange(
      `the range has ${steps} buckets of ${describe(interval.name)}, more than the ${most} that one read lists; ` +
        'read less at a time, collapse it, or use iterate()',
      { interval: interval.name, steps },
    )
  }
  // No calendar goes further, and numbers are exact only up to a point.
  if (steps > MOST_BUCKETS && steps > sizeOf(plan, liveRange(interval, ALWAYS))) {
    throw invalidRange(`steps of ${describe(interval.name)} must fit into the years 0001 to 9999, not be ${steps}`, {
      interval: interval.name,
      steps,
    })
  }
}

/** @throws KAIROS_INVALID_RANGE */
export function stepsOf(steps: unknown): number | undefined {
  if (steps === undefined || (Number.isSafeInteger(steps) && (steps as number) >= 1)) return steps as number | undefined
  throw invalidRange(`steps must be an integer of at least 1, not ${describe(steps)}`, { steps })
}

export function invalidRange(
  message: string,
  details: { start?: number; end?: number; steps?: unknown; interval?: string },
): KairosError {
  return new KairosError('KAIROS_INVALID_RANGE', message, details)
}
