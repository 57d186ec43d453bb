import type { BucketRange, CellQuery } from '@kairos/core/driver'
import { boundsScript } from '../scripts/extent.ts'
import { type OpenedPlace, shardedName, together } from './context.ts'

/** First and last bucket in the range with a cell of any of the names. */
export async function boundsOf(
  { calls, keys, intervals }: OpenedPlace,
  { names, interval, range }: CellQuery,
): Promise<BucketRange | null> {
  const { part, layout } = intervals.get(interval)!
  const sharded = names.map((name) => shardedName(name, keys))
  const found = await Promise.all(
    together(sharded, calls.client.cluster).map(async (group) => {
      const indexes = group.map((name) => `${keys.registry(name.shard, part)}:${name.part}`)
      const shape = [range.first, range.last, layout.buckets, layout.fanOut].map(String)
      return (await calls.ask(boundsScript, keys.route(group[0]!.shard), [...shape, ...indexes])) as
        | [number, number]
        | null
    }),
  )
  const pairs = found.filter((pair) => pair !== null)
  if (pairs.length === 0) return null
  return { first: Math.min(...pairs.map(([first]) => first)), last: Math.max(...pairs.map(([, last]) => last)) }
}
