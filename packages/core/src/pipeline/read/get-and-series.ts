import type { BucketRange } from '../../contract/cells.ts'
import { KairosError } from '../../errors.ts'
import { describe } from '../../internal/describe.ts'
import { ALWAYS, livePart, liveRange } from '../../retention.ts'
import { shiftBucket } from '../../time/calculator.ts'
import { toSeconds } from '../../time/timestamp.ts'
import { types } from '../../types/index.ts'
import { MAP_COST } from '../../types/rules.ts'
import type { Context } from '../context.ts'
import { type Loaded, load, NOTHING } from './load.ts'
import { planRead, type ReadPlan } from './plan.ts'
import { createShaper } from './shape.ts'
import { loadInWindows } from './windows.ts'

/**
 * As many numbers as a Map can hold comfortably; a range asked for by mistake ends in an error, not in a process without memory. What each bucket
 * of an answer costs at least, in numbers, is `emptyCost`.
 */
const MOST_BUCKETS = 10_000_000

/** The bucket that holds a moment. */
export async function get(
  context: Context,
  names: unknown,
  interval: unknown,
  options: unknown,
): Promise<Map<number, unknown>> {
  const plan = planRead(context, names, interval, options, ['timestamp'])
  const now = context.retention.now()
  const { timestamp = now } = plan.fields
  const bucket = plan.interval.buckets.bucketOf(toSeconds(timestamp))
  const range = { first: bucket, last: bucket }
  const loaded = await loadLive(context, plan, range, now)
  const shaper = createShaper(context, plan)
  return isNested(plan) ? shaper.fine(loaded) : shaper.flat(loaded, range)
}

/** A range of buckets. */
export async function series(
  context: Context,
  names: unknown,
  interval: unknown,
  options: unknown,
): Promise<Map<number, unknown>> {
  const plan = planRead(context, names, interval, options, ['start', 'end', 'steps', 'collapse'])
  const now = context.retention.now()
  const range = rangeOf(context, plan, now)
  const loaded = await loadLive(context, plan, range, now)
  const shaper = createShaper(context, plan)
  if (plan.collapse !== undefined) return shaper.collapsed(loaded, range)
  return isNested(plan) ? shaper.nested(loaded, range) : shaper.flat(loaded, range)
}

/** Neither coarse nor condensed: the resolution buckets show. */
export function isNested(plan: ReadPlan): boolean {
  return plan.interval.resolution !== null && plan.condense === undefined
}

/** Expired buckets are not even asked for: whether the store has reclaimed them yet must not show. */
async function loadLive(context: Context, plan: ReadPlan, range: BucketRange, now: number): Promise<Loaded> {
  const live = livePart(range, context.retention.oldestLive(now)[plan.interval.name]!)
  if (live === null) return NOTHING
  return sizeOf(plan, live) > MOST_BUCKETS
    ? loadInWindows(context, plan, live, MOST_BUCKETS)
    : (await load(context, plan, live)).loaded
}

/** @throws KAIROS_INVALID_RANGE */
function rangeOf(context: Context, plan: ReadPlan, now: number): BucketRange {
  const { interval, fields } = plan
  const { start, end } = fields
  const steps = stepsOf(fields.steps === undefined ? (interval.steps ?? 1) : fields.steps)
  const from = start === undefined ? undefined : toSeconds(start)
  const to = end === undefined ? undefined : toSeconds(end)
  const { buckets } = interval
  if (from !== undefined && to !== undefined) {
    if (from > to)
      throw invalidRange(`start ${describe(start)} lies after end ${describe(end)}`, { start: from, end: to })
    const range = { first: buckets.bucketOf(from), last: buckets.bucketOf(to) }
    checkSize(context, plan, sizeOf(plan, range))
    return range
  }
  checkSize(context, plan, steps)
  if (from !== undefined) {
    const first = buckets.bucketOf(from)
    return { first, last: shiftBucket(buckets, first, steps - 1) }
  }
  const last = buckets.bucketOf(to ?? now)
  return { first: shiftBucket(buckets, last, 1 - steps), last }
}

function sizeOf({ interval: { buckets } }: ReadPlan, { first, last }: BucketRange): number {
  return buckets.ordinalOf(last) - buckets.ordinalOf(first) + 1
}

/** An answer lists every bucket of its range; one that is collapsed is a single entry, whatever its range is. */
function checkSize(context: Context, plan: ReadPlan, steps: number): void {
  const { interval } = plan
  const most = Math.floor(MOST_BUCKETS / (plan.collapse === undefined ? emptyCost(context, plan) : 1))
  if (steps <= most) return
  if (plan.collapse === undefined) {
    throw invalidRange(
      `the range has ${steps} buckets of ${describe(interval.name)}, more than the ${most} that one read lists: ` +
        'ask for less at a time, collapse it, or use iterate()',
      { interval: interval.name, steps },
    )
  }
  // Beyond all of them no calendar goes, and no number is exact for ever.
  if (steps > sizeOf(plan, liveRange(interval, ALWAYS))) {
    throw invalidRange(`${steps} steps of ${describe(interval.name)} are more than the years 0001 to 9999 have`, {
      interval: interval.name,
      steps,
    })
  }
}

/** What a bucket without data costs in memory, in numbers. */
function emptyCost({ settings }: Context, plan: ReadPlan): number {
  if (isNested(plan)) return MAP_COST
  return plan.transformCost ?? types[settings.type].emptyCost
}

function stepsOf(steps: unknown): number {
  if (Number.isSafeInteger(steps) && (steps as number) >= 1) return steps as number
  throw invalidRange(`steps must be an integer of at least 1, not ${describe(steps)}`, { steps })
}

function invalidRange(
  message: string,
  details: { start?: number; end?: number; steps?: unknown; interval?: string },
): KairosError {
  return new KairosError('KAIROS_INVALID_RANGE', message, details)
}
