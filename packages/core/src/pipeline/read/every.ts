import type { BucketRange } from '../../contract/cells.ts'
import { invalidOption } from '../../internal/invalid-option.ts'
import { type AskedBuckets, askedBuckets } from '../../time/asked.ts'
import type { Calculator } from '../../time/calculator.ts'
import { relativeCalculator } from '../../time/relative.ts'
import { toSeconds } from '../../time/timestamp.ts'
import type { Context } from '../context.ts'
import { edgesBetween, edgesOf } from './edges.ts'
import { gatheringOf, loadInto } from './gathering.ts'
import type { Loaded } from './load.ts'
import { mayMerge, mergedIn } from './may-merge.ts'
import { edgeInside, lieInTwo } from './nests.ts'
import type { ReadPlan } from './plan.ts'
import { liveBetween, mostBuckets } from './ranges.ts'
import { createRegrouper, type Regrouper } from './regroup.ts'
import { createShaper, type Gatherer } from './shape.ts'

/** The bucket asked for that holds a moment. */
export async function getEvery(context: Context, plan: ReadPlan): Promise<Map<unknown, unknown>> {
  const asked = askedOf(context, plan)
  const now = context.retention.now()
  const { timestamp = now } = plan.fields
  const moment = toSeconds(timestamp)
  return readEdges(context, plan, asked, [asked.startOf(moment), asked.endOf(moment)], now)
}

/** A range of buckets asked for. */
export async function seriesEvery(context: Context, plan: ReadPlan): Promise<Map<unknown, unknown>> {
  const asked = askedOf(context, plan)
  if (plan.collapse !== undefined)
    throw invalidOption('collapse', 'collapse must be left out with every, which merges the buckets already')
  const now = context.retention.now()
  return readEdges(context, plan, asked, edgesOf(context, plan, asked, now), now)
}

/** @throws KAIROS_INVALID_CONFIG */
export function askedOf({ settings }: Context, { fields }: ReadPlan): AskedBuckets {
  return askedBuckets({ every: fields.every, zone: fields.zone, offset: fields.offset }, settings.zone ?? 'UTC')
}

/** Reads the finest buckets between the first and the last of these edges, merged into those between two edges each. */
export async function readEdges(
  context: Context,
  plan: ReadPlan,
  asked: AskedBuckets,
  edges: readonly number[],
  now: number,
): Promise<Map<unknown, unknown>> {
  const { interval } = plan
  const [from, until] = [edges[0]!, edges.at(-1)!]
  const live = plan.names.length === 0 ? null : liveBetween(context, interval, edges, now)
  const edge = live === null ? undefined : edgeInside(interval, edges, live)
  if (edge !== undefined) throw lieInTwo(context.settings, interval, asked, edge)
  const starts = live === null || !mayMerge(context) ? null : startsIn(plan, edges, live)
  const merged = starts && (await mergedIn(context, plan, live!, starts))
  const rest = merged?.plan ?? plan
  const shaper = createShaper(context, between(rest, edges))
  const groups = { ...asked, from, until }
  const gathering = gatheringOf(plan, () =>
    regrouping(
      createRegrouper(context.settings, rest, groups),
      edges,
      shaper.gather({ first: 0, last: edges.length - 2 }),
    ),
  )
  if (merged !== null) gathering.add(merged.parts)
  else if (live !== null) await loadInto(context, plan, live, gathering)
  const result = gathering.result()
  return plan.fill === undefined ? result : filledEvery(context, plan, asked, result)
}

async function filledEvery(
  context: Context,
  plan: ReadPlan,
  asked: AskedBuckets,
  result: Map<unknown, unknown>,
): Promise<Map<unknown, unknown>> {
  const { filled } = await import('./fill.ts')
  return filled(context, plan, result, {
    endOf: (start) => asked.endOf(start),
    between(start, later, most) {
      let count = 0
      for (let edge = asked.endOf(start); edge < later && count <= most; edge = asked.endOf(edge)) count++
      return count
    },
    read: (around, from, until) =>
      readEdges(
        context,
        around,
        asked,
        edgesBetween(asked, from, until - 1, mostBuckets(context, around)),
        context.retention.now(),
      ),
  })
}

/** The plan of an interval whose buckets are those between the edges, numbered from 0, and hold what is merged. */
export function between(plan: ReadPlan, edges: readonly number[]): ReadPlan {
  const buckets: Calculator = {
    ...relativeCalculator(1),
    startOf: (bucket) => edges[bucket]!,
    endOf: (bucket) => edges[bucket + 1]!,
  }
  return {
    ...plan,
    condense: undefined,
    mayJoinLater: false,
    interval: { ...plan.interval, buckets, resolution: null },
  }
}

/** Rows by the edges that their buckets begin at become rows by the numbers of the edges, from `first` on. */
export function numbered({ keys, rows }: Loaded, edges: readonly number[], first = 0): Loaded {
  let at = first
  const numbers = keys.map((start) => {
    while (edges[at]! < start) at++
    return at
  })
  return { keys: numbers, rows }
}

function regrouping(regrouper: Regrouper, edges: readonly number[], gatherer: Gatherer): Gatherer {
  let at = 0
  function put(loaded: Loaded): void {
    const rows = numbered(loaded, edges, at)
    at = rows.keys.at(-1) ?? at
    gatherer.add(rows)
  }
  return {
    add: (loaded) => put(regrouper.add(loaded)),
    size: () => gatherer.size(),
    result() {
      put(regrouper.end())
      return gatherer.result()
    },
  }
}

/** The stored buckets that those asked for begin with; null: one begins inside a stored one, whose resolution buckets only core can divide. */
function startsIn({ interval }: ReadPlan, edges: readonly number[], live: BucketRange): readonly number[] | null {
  const { buckets } = interval
  if (edgeInside({ ...interval, resolution: null }, edges, live) !== undefined) return null
  const [from, until] = [buckets.startOf(live.first), buckets.endOf(live.last)]
  return edges.filter((edge, index) => edges[index + 1]! > from && edge < until).map((edge) => buckets.bucketOf(edge))
}
