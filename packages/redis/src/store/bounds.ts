import type { BucketRange, CellQuery } from '@kairos/core/driver'
import { together } from '../connection/group-by-slot.ts'
import { boundsScript } from '../scripts/bounds.ts'
import { PAGE } from '../scripts/script.ts'
import { ask, type OpenedPlace, shardedName } from './context.ts'

/** Where a script stopped: ordinal of the index, direction, chunk. */
type Cursor = readonly [number, number, Buffer]

/** First and last bucket in the range with a cell of any of the names. */
export async function boundsOf(place: OpenedPlace, { names, interval, range }: CellQuery): Promise<BucketRange | null> {
  const { runner, keys, intervals } = place
  const { part, layout } = intervals.get(interval)!
  const shape = [range.first, range.last, layout.buckets, layout.fanOut].map(String)
  const sharded = names.map((name) => shardedName(name, keys))
  const found: number[] = []
  await Promise.all(
    together(sharded, runner.client.cluster).map(async (group) => {
      let indexes = group.map((name) => keys.index(name.shard, part, name.part))
      for (let position = ['1', '']; ; ) {
        const reply = await ask(place, boundsScript, indexes, [PAGE, ...position, ...shape])
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
