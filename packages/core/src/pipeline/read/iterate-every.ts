import { liveRange } from '../../retention.ts'
import type { AskedBuckets } from '../../time/asked.ts'
import type { Context } from '../context.ts'
import { finestOf } from '../finest.ts'
import { askedOf, between, numbered } from './every.ts'
import { type Loaded, NOTHING } from './load.ts'
import { edgeInside, hasEdgeAt, lieInTwo } from './nests.ts'
import type { ReadPlan } from './plan.ts'
import { createRegrouper } from './regroup.ts'
import { createShaper } from './shape.ts'
import { type Answers, PART_BUCKETS } from './windows.ts'

/** The entries of buckets of another step, from the first that has data to the last. */
export function answersEvery(context: Context, plan: ReadPlan): Answers {
  const { settings, retention } = context
  const { interval } = plan
  const asked = askedOf(context, plan)
  const now = retention.now()
  // The range is not known yet; most steps that do not fit fail here, before anything is read.
  const live = liveRange(interval, retention.oldestLive(now)[interval.name]!)
  const inside = edgeInside(interval, [asked.startOf(now), asked.endOf(now)], live)
  if (inside !== undefined) throw lieInTwo(settings, interval, asked, inside)
  const regrouper = createRegrouper(settings, plan, {
    from: Number.NEGATIVE_INFINITY,
    until: Number.POSITIVE_INFINITY,
    startOf: (seconds) => nesting(asked.startOf(seconds)),
    endOf: (seconds) => nesting(asked.endOf(seconds)),
  })

  function nesting(edge: number): number {
    if (hasEdgeAt(finestOf(interval), edge)) return edge
    throw lieInTwo(settings, interval, asked, edge)
  }

  /** Where the next entry begins; undefined before the first. */
  let next: number | undefined

  function* through(loaded: Loaded): Generator<Map<number, unknown>> {
    const { keys } = loaded
    const last = keys.at(-1)
    if (last === undefined) return
    next ??= keys[0]!
    for (let row = 0; next <= last; ) {
      const edges = edgesUpTo(asked, next, last)
      next = edges.at(-1)!
      const first = row
      while (row < keys.length && keys[row]! < next) row++
      const part = { keys: keys.slice(first, row), rows: loaded.rows.slice(first, row) }
      yield createShaper(context, between(plan, edges)).flat(numbered(part, edges), {
        first: 0,
        last: edges.length - 2,
      })
    }
  }

  return {
    of: ({ parts: [loaded = NOTHING] }) => through(regrouper.add(loaded)),
    rest: () => through(regrouper.end()),
  }
}

/** Edges from this one on, past `last`, unless there would be too many at once. */
function edgesUpTo(asked: AskedBuckets, from: number, last: number): number[] {
  const edges = [from]
  for (let edge = from; edge <= last && edges.length <= PART_BUCKETS; ) {
    edge = asked.endOf(edge)
    edges.push(edge)
  }
  return edges
}
