import { createYielder } from '../../calls/yielder.ts'
import type { BucketRange } from '../../contract/cells.ts'
import { describe } from '../../internal/describe.ts'
import type { Context } from '../context.ts'
import { type Loaded, load } from './load.ts'
import { mergesCells, type ReadPlan, resultOf } from './plan.ts'
import { invalidRange, MOST_BUCKETS, sizeOf } from './ranges.ts'
import type { Gatherer } from './shape.ts'
import { createWindows } from './windows.ts'

/** A range that may hold more cells is read in windows of about SERIES_VALUES values. */
const MOST_CELLS_AT_ONCE = 1_000_000
const SERIES_VALUES = 50_000

/** What a read gathers of its range, for the names together or for each group. */
export interface Gathering {
  add(parts: readonly Loaded[]): void
  /** How many rows it holds. */
  size(): number
  result(): Map<unknown, unknown>
}

export function gatheringOf(plan: ReadPlan, gather: () => Gatherer): Gathering {
  const gatherers = plan.groups?.map(gather) ?? [gather()]
  return {
    add(parts) {
      for (let index = 0; index < parts.length; index++) gatherers[index]!.add(parts[index]!)
    },
    // Not a getter: an object literal with one is a hidden class of its own, which keeps the rows until all of the heap is collected.
    size: () => gatherers.reduce((size, gatherer) => size + gatherer.size(), 0),
    result: () => resultOf(plan, (index) => gatherers[index]!.result()),
  }
}

/**
 * Loads a range. It may hold far more than the result shows: many names joined, resolution buckets condensed, everything collapsed. Then only one
 * window of it is in memory at a time.
 * @throws KAIROS_INVALID_RANGE
 */
export async function loadInto(
  context: Context,
  plan: ReadPlan,
  range: BucketRange,
  gathering: Pick<Gathering, 'add' | 'size'>,
): Promise<void> {
  if (!isLargerThanAnswer(plan, range)) return gathering.add((await load(context, plan, range)).parts)
  const turn = createYielder()
  const next = await createWindows(context, plan, range, SERIES_VALUES)
  for (let window = await next(context); window !== null; window = await next(context)) {
    gathering.add(window.parts)
    if (gathering.size() > MOST_BUCKETS) {
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
  const { interval, names } = plan
  return mergesCells(plan) && sizeOf(plan, range) * interval.fanOut * names.length > MOST_CELLS_AT_ONCE
}
