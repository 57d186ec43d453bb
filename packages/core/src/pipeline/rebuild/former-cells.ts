import type { Interval } from '../../settings.ts'
import { mapConcurrently } from '../../toolkit/map-concurrently.ts'
import type { CheckedCell } from '../cells/check-cell.ts'
import type { CallPlan, Context } from '../context.ts'
import { storeCall } from '../store-call.ts'
import { keyOf } from '../write/undecided.ts'
import type { RebuiltBucket } from './regrouping.ts'

/** How many names are read at once. */
const CONCURRENCY = 16

/**
 * The buckets with the cells to be deleted in them: those of resolution buckets for which the source holds nothing. Buckets without resolution have
 * none.
 */
export async function withFormerCells(
  context: Context,
  plan: CallPlan,
  target: Interval,
  buckets: readonly RebuiltBucket[],
): Promise<readonly RebuiltBucket[]> {
  if (target.resolution === null) return buckets
  const byName = new Map<string, RebuiltBucket[]>()
  for (const bucket of buckets) {
    const own = byName.get(bucket.name)
    if (own === undefined) byName.set(bucket.name, [bucket])
    else own.push(bucket)
  }
  const all = await mapConcurrently(CONCURRENCY, [...byName], async ([name, own]) => {
    const range = { first: own[0]!.bucket, last: own.at(-1)!.bucket }
    const query = { names: [name], interval: target.name, range }
    const found = await storeCall(context, plan, 'rebuild', 'read', (store, options) => store.read(query, options))
    return own.map((bucket) => {
      const cells = new Map<string, CheckedCell>(bucket.cells.map((cell) => [keyOf(cell), cell]))
      for (const { name, bucket: at, resolutionBucket } of found) {
        const cell = { name, interval: target.name, bucket: at, resolutionBucket, value: null }
        if (at === bucket.bucket && !cells.has(keyOf(cell))) cells.set(keyOf(cell), cell)
      }
      return { ...bucket, cells: [...cells.values()] }
    })
  })
  return all.flat()
}
