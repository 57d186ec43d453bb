import type { BucketRange } from '../contract.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { livePart } from '../retention.ts'
import { shiftBucket } from '../time/calculator.ts'
import { toSeconds } from '../time/timestamp.ts'
import type { Context } from './context.ts'
import { type Loaded, load, NOTHING } from './load.ts'
import { planRead, type ReadPlan } from './plan.ts'
import { checkSize, createShaper } from './shape.ts'

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
  const range = rangeOf(plan, now)
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
  return live === null ? NOTHING : load(context, plan, live)
}

/** @throws KAIROS_INVALID_RANGE */
function rangeOf({ interval, fields }: ReadPlan, now: number): BucketRange {
  const { start, end } = fields
  const steps = stepsOf(fields.steps === undefined ? (interval.steps ?? 1) : fields.steps)
  const from = start === undefined ? undefined : toSeconds(start)
  const to = end === undefined ? undefined : toSeconds(end)
  const { buckets } = interval
  if (from !== undefined && to !== undefined) {
    if (from > to)
      throw invalidRange(`start ${describe(start)} lies after end ${describe(end)}`, { start: from, end: to })
    const range = { first: buckets.bucketOf(from), last: buckets.bucketOf(to) }
    checkSize(buckets.ordinalOf(range.last) - buckets.ordinalOf(range.first) + 1, interval.name)
    return range
  }
  checkSize(steps, interval.name)
  if (from !== undefined) {
    const first = buckets.bucketOf(from)
    return { first, last: shiftBucket(buckets, first, steps - 1) }
  }
  const last = buckets.bucketOf(to ?? now)
  return { first: shiftBucket(buckets, last, 1 - steps), last }
}

function stepsOf(steps: unknown): number {
  if (Number.isSafeInteger(steps) && (steps as number) >= 1) return steps as number
  throw invalidRange(`steps must be an integer of at least 1, not ${describe(steps)}`, { steps })
}

function invalidRange(message: string, details: { start?: number; end?: number; steps?: unknown }): KairosError {
  return new KairosError('KAIROS_INVALID_RANGE', message, details)
}
