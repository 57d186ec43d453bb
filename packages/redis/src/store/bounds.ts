import type { BucketRange, CellQuery } from '@kairos/core/driver'
import { groupBySlot } from '../connection/group-by-slot.ts'
import { ask } from '../schema/request-context.ts'
import { boundsScript } from '../scripts/bounds.ts'
import { PAGE } from '../scripts/script.ts'
import { type StoreContext, shardedName } from './context.ts'

/** Where the script stopped: ordinal of the index, direction, chunk. */
type Cursor = readonly [number, number, Buffer]

/** The first and the last bucket in the range that has a cell of any of the names. */
export async function boundsOf(
  context: StoreContext,
  { names, interval, range }: CellQuery,
): Promise<BucketRange | null> {
  const { runner, keys, intervals } = context
  const { part, layout } = intervals.get(interval)!
  const shape = [range.first, range.last, layout.buckets, layout.fanOut].map(String)
  const sharded = names.map((name) => shardedName(name, keys))
  const found: number[] = []
  await Promise.all(
    groupBySlot(sharded, runner.client.cluster).map(async (group) => {
      let indexes = group.map((name) => keys.index(name.shard, part, name.part))
      for (let position = ['1', '']; ; ) {
        const reply = await ask(context, boundsScript, indexes, [PAGE, ...position, ...shape])
        const [cursor, ...buckets] = reply as [Cursor | null, ...number[]]
        found.push(...buckets)
        if (cursor === null) return
        const [ordinal, direction, chunk] = cursor
        indexes = indexes.slice(ordinal)
        position = [String(direction), chunk.toString('latin1')]
      }
    }),
  )
  return found.length === 0 ? null : { first: Math.min(...found), last: Math.max(...found) }
}
