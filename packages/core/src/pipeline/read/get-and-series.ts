import type { BucketRange } from '../../contract/cells.ts'
import { toSeconds } from '../../time/timestamp.ts'
import type { Context } from '../context.ts'
import { gatheringOf, loadInto } from './gathering.ts'
import { load, NOTHING } from './load.ts'
import { mayMerge, mergedIn } from './may-merge.ts'
import { named } from './named.ts'
import { EVERY_OPTIONS, planRead, READ_OPTIONS, type ReadPlan, resultOf } from './plan.ts'
import { liveIn, rangeOf } from './ranges.ts'
import { createShaper, isNested } from './shape.ts'

const GET_OPTIONS = ['timestamp', 'split', 'groupBy', ...EVERY_OPTIONS, ...READ_OPTIONS]
const SERIES_OPTIONS = ['start', 'end', 'steps', 'collapse', 'split', 'groupBy', ...EVERY_OPTIONS, ...READ_OPTIONS]

/** The bucket that holds a moment. */
export async function get(
  context: Context,
  names: unknown,
  interval: unknown,
  options: unknown,
): Promise<Map<unknown, unknown>> {
  const planned = planRead(context, names, interval, options, GET_OPTIONS)
  const plan = planned.byLabels === undefined ? planned : await named(context, planned)
  if (plan.regroups) return (await import('./every.ts')).getEvery(context, plan)
  const now = context.retention.now()
  const { timestamp = now } = plan.fields
  const bucket = plan.interval.buckets.bucketOf(toSeconds(timestamp))
  const range = { first: bucket, last: bucket }
  const live = liveIn(context, plan, range, now)
  const merged = live === null || !mayMerge(context) ? null : await mergedIn(context, plan, live)
  const parts = merged?.parts ?? (live === null ? [] : (await load(context, plan, live)).parts)
  const shaper = createShaper(context, merged?.plan ?? plan)
  const result = resultOf(plan, (index) => {
    const loaded = parts[index] ?? NOTHING
    return isNested(plan) ? shaper.byResolution(loaded) : shaper.flat(loaded, range)
  })
  return plan.fill === undefined ? result : filledAsStored(context, plan, result)
}

/** A range of buckets. */
export async function series(
  context: Context,
  names: unknown,
  interval: unknown,
  options: unknown,
): Promise<Map<unknown, unknown>> {
  const planned = planRead(context, names, interval, options, SERIES_OPTIONS)
  const plan = planned.byLabels === undefined ? planned : await named(context, planned)
  if (plan.regroups) return (await import('./every.ts')).seriesEvery(context, plan)
  const now = context.retention.now()
  const result = await readRange(context, plan, rangeOf(context, plan, now), now)
  return plan.fill === undefined ? result : filledAsStored(context, plan, result)
}

/** What is live of a range of buckets. */
export async function readRange(
  context: Context,
  plan: ReadPlan,
  range: BucketRange,
  now: number,
): Promise<Map<unknown, unknown>> {
  const live = liveIn(context, plan, range, now)
  const merged = live === null || !mayMerge(context) ? null : await mergedIn(context, plan, live)
  const shaper = createShaper(context, merged?.plan ?? plan)
  const gathering = gatheringOf(plan, () => shaper.gather(range))
  if (merged !== null) gathering.add(merged.parts)
  else if (live !== null) await loadInto(context, plan, live, gathering)
  return gathering.result()
}

async function filledAsStored(
  context: Context,
  plan: ReadPlan,
  result: Map<unknown, unknown>,
): Promise<Map<unknown, unknown>> {
  const { filled } = await import('./fill.ts')
  const { buckets } = plan.interval
  return filled(context, plan, result, {
    endOf: (start) => buckets.endOf(buckets.bucketOf(start)),
    between: (start, later) =>
      buckets.ordinalOf(buckets.bucketOf(later)) - buckets.ordinalOf(buckets.bucketOf(start)) - 1,
    read: (asked, from, until) =>
      readRange(
        context,
        asked,
        { first: buckets.bucketOf(from), last: buckets.bucketOf(until - 1) },
        context.retention.now(),
      ),
  })
}
