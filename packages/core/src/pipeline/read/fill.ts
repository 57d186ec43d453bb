import type { BucketRange } from '../../contract/cells.ts'
import { withJson } from '../../internal/json.ts'
import { liveRange } from '../../retention.ts'
import { shiftBucket } from '../../time/calculator.ts'
import type { Context } from '../context.ts'
import { createFiller, type Neighbour } from './filler.ts'
import { type ReadPlan, resultOf, withGroups } from './plan.ts'
import { boundsOf } from './windows.ts'

/** The buckets of a result, which may be others than those stored. */
export interface ShownBuckets {
  /** Where the bucket ends that begins at this moment. */
  endOf(start: number): number
  /** How many buckets lie between two that begin at these moments; more than `most` need not be counted. */
  between(start: number, later: number, most: number): number
  /** The same read of the buckets from one moment until another, with null for holes. */
  read(plan: ReadPlan, from: number, until: number): Promise<Map<unknown, unknown>>
}

type Entries = ReadonlyMap<number, unknown>

/**
 * The result of a read, which has null for buckets without data, with its holes filled. `'previous'` looks for the last result before the range,
 * `'linear'` for the next one behind it too, where a hole is at that end.
 */
export async function filled(
  context: Context,
  plan: ReadPlan,
  result: Map<unknown, unknown>,
  shown: ShownBuckets,
): Promise<Map<unknown, unknown>> {
  const { by, maxGap } = plan.fill!
  if (by === null) return result
  const all = (plan.groups === undefined ? [result] : [...result.values()]) as Entries[]
  if (all.length === 0) return result
  const [none, looks] = [all.map(() => null), { context, plan, shown, all }]
  const before =
    by === 'previous' || by === 'linear'
      ? await neighbours(looks, 'before', (entries) => holesAt(entries.values()) > 0)
      : none
  const after =
    by === 'linear'
      ? await neighbours(looks, 'after', (entries, index) => {
          const holes = holesAt([...entries.values()].reverse())
          return holes > 0 && holes <= maxGap && (holes < entries.size || before[index] !== null)
        })
      : none
  return resultOf(plan, (index) => {
    const filler = createFiller(plan.fill!, before[index]!)
    const entries = new Map(filler.add(all[index]!))
    for (const [start, value] of filler.end(after[index]!)) entries.set(start, value)
    return withJson(entries)
  })
}

/** How many holes come first. */
function holesAt(values: Iterable<unknown>): number {
  let holes = 0
  for (const value of values) {
    if (value !== null) break
    holes++
  }
  return holes
}

interface Looks {
  readonly context: Context
  readonly plan: ReadPlan
  readonly shown: ShownBuckets
  readonly all: readonly Entries[]
}

/** How many times more buckets each step reads than the one before, and how many cells about at most. */
const GROWTH = 4
const MOST_CELLS = 50_000

/**
 * For each wanted result the nearest one outside the range that is not null. The store says where there is data: nearly always the first bucket
 * that it names has it. Names that are read by themselves are looked for together.
 */
async function neighbours(
  { context, plan, shown, all }: Looks,
  side: 'before' | 'after',
  wants: (entries: Entries, index: number) => boolean,
): Promise<(Neighbour | null)[]> {
  const found: (Neighbour | null)[] = all.map(() => null)
  const { interval, fill } = plan
  const { buckets, fanOut } = interval
  const isBefore = side === 'before'
  const starts = [...all[0]!.keys()]
  const edge = isBefore ? starts[0]! : starts.at(-1)!
  const moment = isBefore ? edge : shown.endOf(edge)
  // Counting is for the limit.
  const gapTo = (start: number): number => {
    if (fill!.maxGap === Number.POSITIVE_INFINITY) return 0
    return isBefore ? shown.between(start, edge, fill!.maxGap) : shown.between(edge, start, fill!.maxGap)
  }
  let missing = all.flatMap((entries, index) => (wants(entries, index) ? [index] : []))
  let range = outside(context, plan, moment, isBefore)
  for (let size = 1; missing.length > 0 && range !== null; size *= GROWTH) {
    const part: ReadPlan =
      plan.groups === undefined
        ? plan
        : withGroups(
            plan,
            missing.map((index) => plan.groups![index]!),
          )
    const asked: ReadPlan = { ...part, fill: { by: null, maxGap: 0 } }
    const bounds: BucketRange | null = await boundsOf(context, asked, range)
    if (bounds === null) break
    const most = Math.max(1, Math.min(size, Math.floor(MOST_CELLS / fanOut / asked.names.length)))
    const { first, last } = isBefore
      ? { first: Math.max(bounds.first, shiftBucket(buckets, bounds.last, 1 - most)), last: bounds.last }
      : { first: bounds.first, last: Math.min(bounds.last, shiftBucket(buckets, bounds.first, most - 1)) }
    const [from, until] = [buckets.startOf(first), buckets.endOf(last)]
    // The bucket at the edge may be a stored one of which the range shows a part.
    const answer = isBefore
      ? await shown.read(asked, from, Math.min(until, moment))
      : await shown.read(asked, Math.max(from, moment), until)
    const answers = (plan.groups === undefined ? [answer] : [...answer.values()]) as Entries[]
    missing = missing.filter((index, at) => {
      const entries = [...answers[at]!]
      const nearest = (isBefore ? entries.reverse() : entries).find(([, value]) => value !== null)
      if (nearest === undefined) return true
      const [start, value] = nearest
      found[index] = { start, value, gap: gapTo(start) }
      return false
    })
    if (gapTo(isBefore ? from : until) > fill!.maxGap) break
    range = isBefore
      ? unlessEmpty(range.first, shiftBucket(buckets, first, -1))
      : unlessEmpty(shiftBucket(buckets, last, 1), range.last)
  }
  return found
}

/** The live buckets on one side of a moment. */
function outside(context: Context, { interval }: ReadPlan, moment: number, isBefore: boolean): BucketRange | null {
  const { buckets, name } = interval
  const { retention } = context
  const live = liveRange(interval, retention.oldestLive(retention.now())[name]!)
  return isBefore
    ? unlessEmpty(live.first, Math.min(live.last, buckets.bucketOf(moment - 1)))
    : unlessEmpty(Math.max(live.first, buckets.bucketOf(moment)), live.last)
}

function unlessEmpty(first: number, last: number): BucketRange | null {
  return first <= last ? { first, last } : null
}
