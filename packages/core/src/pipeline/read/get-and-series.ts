import { createYielder } from '../../calls/yielder.ts'
import type { BucketRange } from '../../contract/cells.ts'
import { KairosError } from '../../errors.ts'
import { describe } from '../../internal/describe.ts'
import { ALWAYS, livePart, liveRange } from '../../retention.ts'
import { shiftBucket } from '../../time/calculator.ts'
import { toSeconds } from '../../time/timestamp.ts'
import { MAP_COST } from '../../types/rules.ts'
import type { Context } from '../context.ts'
import { type Loaded, load, NOTHING } from './load.ts'
import { planRead, type ReadPlan } from './plan.ts'
import { createShaper, type Gatherer, isNested } from './shape.ts'
import { createWindows } from './windows.ts'

/**
 * As many numbers as a Map can hold comfortably: a range that is too long by mistake ends in an error, not in exhausted memory. `emptyCost` is
 * the least that each bucket of a result costs, in numbers.
 */
const MOST_BUCKETS = 10_000_000
/** A range that may hold more cells is read in windows of about SERIES_VALUES values. */
const MOST_CELLS_AT_ONCE = 1_000_000
const SERIES_VALUES = 50_000

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
  const live = liveIn(context, plan, range, now)
  const merged = live === null || !mayMerge(context) ? null : await mergedIn(context, plan, live)
  const loaded = merged?.loaded ?? (live === null ? NOTHING : (await load(context, plan, live)).loaded)
  const shaper = createShaper(context, merged?.plan ?? plan)
  return isNested(plan) ? shaper.byResolution(loaded) : shaper.flat(loaded, range)
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
  const live = liveIn(context, plan, range, now)
  const merged = live === null || !mayMerge(context) ? null : await mergedIn(context, plan, live)
  const gatherer = createShaper(context, merged?.plan ?? plan).gather(range)
  if (merged !== null) gatherer.add(merged.loaded)
  else if (live !== null) {
    if (isLargerThanAnswer(plan, live)) await gatherInWindows(context, plan, live, gatherer)
    else gatherer.add((await load(context, plan, live)).loaded)
  }
  return gatherer.result()
}

/** Not asked of each read of a store that merges nothing: awaiting the answer would cost as much as finding a cell in memory. */
function mayMerge({ driver, settings }: Context): boolean {
  return driver.capabilities.merges?.[settings.type] !== undefined
}

/** What the store merges. */
async function mergedIn(
  context: Context,
  plan: ReadPlan,
  live: BucketRange,
): Promise<{ readonly loaded: Loaded; readonly plan: ReadPlan } | null> {
  const { readMerged } = await import('./merged.ts')
  return readMerged(context, plan, live)
}

/**
 * A range may hold far more than the result shows: many names joined, resolution buckets condensed, everything collapsed. Then only one window
 * of it is in memory at a time.
 * @throws KAIROS_INVALID_RANGE
 */
async function gatherInWindows(
  context: Context,
  plan: ReadPlan,
  range: BucketRange,
  gatherer: Gatherer,
): Promise<void> {
  const turn = createYielder()
  const next = await createWindows(context, plan, range, SERIES_VALUES)
  for (let window = await next(context); window !== null; window = await next(context)) {
    gatherer.add(window.loaded)
    if (gatherer.size > MOST_BUCKETS) {
      throw invalidRange(
        `the range must hold data in at most ${MOST_BUCKETS} buckets of ${describe(plan.interval.name)}, not more; read less at a time, or use iterate()`,
        { interval: plan.interval.name },
      )
    }
    await turn()
  }
}

/** Whether the range may hold many cells, and more than one for each entry of the result. */
function isLargerThanAnswer(plan: ReadPlan, range: BucketRange): boolean {
  const { interval, names, condense, collapse } = plan
  const size = sizeOf(plan, range)
  const merges = names.length > 1 || collapse !== undefined || (condense !== undefined && interval.resolution !== null)
  return merges && size * interval.fanOut * names.length > MOST_CELLS_AT_ONCE
}

/** Expired buckets are never requested: whether the store has reclaimed them must not show. */
function liveIn(context: Context, plan: ReadPlan, range: BucketRange, now: number): BucketRange | null {
  return livePart(range, context.retention.oldestLive(now)[plan.interval.name]!)
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
      throw invalidRange(`start must be at or before end (${describe(end)}), not ${describe(start)}`, {
        start: from,
        end: to,
      })
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

/** A result lists every bucket of its range; a collapsed one has a single entry, however long the range. */
function checkSize(context: Context, plan: ReadPlan, steps: number): void {
  const { interval } = plan
  const most = Math.floor(MOST_BUCKETS / (plan.collapse === undefined ? emptyCost(context, plan) : 1))
  if (steps <= most) return
  if (plan.collapse === undefined) {
    throw invalidRange(
      `the range has ${steps} buckets of ${describe(interval.name)}, more than the ${most} that one read lists; ` +
        'read less at a time, collapse it, or use iterate()',
      { interval: interval.name, steps },
    )
  }
  // No calendar goes further, and numbers are exact only up to a point.
  if (steps > sizeOf(plan, liveRange(interval, ALWAYS))) {
    throw invalidRange(`steps of ${describe(interval.name)} must fit into the years 0001 to 9999, not be ${steps}`, {
      interval: interval.name,
      steps,
    })
  }
}

/** What a bucket without data costs in memory, in numbers. */
function emptyCost({ settings }: Context, plan: ReadPlan): number {
  if (isNested(plan)) return MAP_COST
  return plan.transformCost ?? settings.rules.emptyCost
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
