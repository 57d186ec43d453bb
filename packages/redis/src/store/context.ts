import type { IntervalSchema, StoreSchema, TimeseriesType } from '@kairos/core/driver'
import type { Calls } from '../connection/script-runner.ts'
import type { Layout } from '../schema/chunks.ts'
import { escapePart, type Keys, shardOf } from '../schema/keys.ts'
import type { Codec } from '../values/codecs.ts'

/** Where the data of one interval lie. */
export interface IntervalPlace {
  /** As it stands in keys. */
  readonly part: string
  readonly layout: Layout
}

/** An opened place: what its calls share. */
export interface OpenedPlace {
  readonly calls: Calls
  readonly keys: Keys
  readonly type: TimeseriesType
  readonly codec: Codec
  readonly schema: StoreSchema
  /** Of the schema. */
  readonly intervals: ReadonlyMap<string, IntervalPlace & { readonly schema: IntervalSchema }>
  /** All that are recorded, as they are recorded. */
  readonly recorded: ReadonlyMap<string, IntervalPlace>
}

/** A name as keys have it. */
export interface ShardedName {
  readonly name: string
  readonly part: string
  readonly shard: number
}

export function shardedName(name: string, keys: Pick<Keys, 'shards'>): ShardedName {
  const part = escapePart(name)
  return { name, part, shard: shardOf(part, keys.shards) }
}

/** How many keys of several shards one call may go over where nothing forbids it: enough to save round trips, too few to hold a server up. */
const MOST_TOGETHER = 64

/** What one call can do at once: in a cluster what lies in one shard, else any few. */
export function together<T extends { readonly shard: number }>(items: readonly T[], cluster: boolean): T[][] {
  if (!cluster) {
    const count = Math.ceil(items.length / MOST_TOGETHER)
    return Array.from({ length: count }, (_, index) => items.slice(index * MOST_TOGETHER, (index + 1) * MOST_TOGETHER))
  }
  const groups = new Map<number, T[]>()
  for (const item of items) {
    const group = groups.get(item.shard)
    if (group === undefined) groups.set(item.shard, [item])
    else group.push(item)
  }
  return [...groups.values()]
}
