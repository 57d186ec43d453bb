import type { BucketRange } from '../../contract/cells.ts'
import type { Context } from '../context.ts'
import type { Merged } from './merged.ts'
import type { ReadPlan } from './plan.ts'

/** Not asked of each read of a store that merges nothing: awaiting the answer would cost as much as finding a cell in memory. */
export function mayMerge({ driver, settings }: Context): boolean {
  return driver.capabilities.merges?.[settings.type] !== undefined
}

/** What the store merges; with `starts`, into groups of buckets that begin there. */
export async function mergedIn(
  context: Context,
  plan: ReadPlan,
  live: BucketRange,
  starts?: readonly number[],
): Promise<Merged | null> {
  const { readMerged } = await import('./merged.ts')
  return readMerged(context, plan, live, starts)
}
