import { describe } from '../../internal/describe.ts'
import type { AskedBuckets } from '../../time/asked.ts'
import { END_OF_TIME, FIRST_MOMENT } from '../../time/timestamp.ts'
import type { Context } from '../context.ts'
import { stretchOf } from '../selected.ts'
import type { ReadPlan } from './plan.ts'
import { invalidRange, mostBuckets, stepsFrom, stepsOf } from './ranges.ts'

/** The edges of the range, by the same options as any other, in whole buckets asked for. */
export function edgesOf(context: Context, plan: ReadPlan, asked: AskedBuckets, now: number): readonly number[] {
  const { fields, interval } = plan
  const steps = stepsOf(fields.steps)
  const stretch = stretchOf(fields.start, fields.end)
  const { start, end } = stretch
  const most = mostBuckets(context, plan)
  if (start !== undefined && end !== undefined) return edgesBetween(asked, start, end, most)
  if (steps !== undefined) {
    if (steps > most) throw tooMany(asked, most)
    return start === undefined ? edgesBefore(asked, end ?? now, steps) : edgesAfter(asked, start, steps)
  }
  // As many stored buckets as without `every`.
  const { buckets } = interval
  const { first, last } = stepsFrom(plan, stretch, interval.steps ?? 1, now)
  const from = start ?? Math.max(buckets.startOf(first), FIRST_MOMENT)
  return edgesBetween(asked, from, start === undefined ? (end ?? now) : lastMoment(buckets.endOf(last)), most)
}

function lastMoment(end: number): number {
  return Math.min(end, END_OF_TIME) - 1
}

/** From the start of the bucket that holds `from` to the end of the one that holds `to`; null: they are more than `most`. */
export function edgesWithin(
  { startOf, endOf }: Pick<AskedBuckets, 'startOf' | 'endOf'>,
  from: number,
  to: number,
  most: number,
): number[] | null {
  let edge = startOf(from)
  const edges = [edge]
  while (edge <= to) {
    if (edges.length > most) return null
    edge = endOf(edge)
    edges.push(edge)
  }
  return edges
}

/** @throws KAIROS_INVALID_RANGE */
export function edgesBetween(asked: AskedBuckets, from: number, to: number, most: number): number[] {
  const edges = edgesWithin(asked, from, to, most)
  if (edges === null) throw tooMany(asked, most)
  return edges
}

function edgesAfter(asked: AskedBuckets, start: number, steps: number): number[] {
  const edges = [asked.startOf(start)]
  for (let step = 0; step < steps; step++) edges.push(asked.endOf(within(asked, edges.at(-1)!, steps)))
  return edges
}

function edgesBefore(asked: AskedBuckets, end: number, steps: number): number[] {
  const edges = [asked.endOf(end), asked.startOf(end)]
  for (let step = 1; step < steps; step++) edges.push(asked.startOf(within(asked, edges.at(-1)! - 1, steps)))
  return edges.reverse()
}

/** No calendar goes further. */
function within(asked: AskedBuckets, moment: number, steps: number): number {
  if (moment >= FIRST_MOMENT && moment < END_OF_TIME) return moment
  throw invalidRange(`steps of every ${describe(asked.step)} must fit into the years 0001 to 9999, not be ${steps}`, {
    steps,
  })
}

function tooMany(asked: AskedBuckets, most: number): Error {
  return invalidRange(
    `the range must have at most ${most} buckets of every ${describe(asked.step)}, not more; read less at a time, or use iterate()`,
    {},
  )
}
