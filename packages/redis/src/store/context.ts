import type { IntervalSchema, Lease, OriginalType, StoreSchema } from '@kairos/core/driver'
import type { ServerClock } from '../connection/server-clock.ts'
import { escapePart, type Keys, shardOf } from '../schema/keys.ts'
import type { IntervalPlace } from '../schema/records.ts'
import type { RequestContext } from '../schema/request-context.ts'
import type { ChunkType } from '../scripts/write.ts'
import type { Codec } from '../values/codecs.ts'

/** An open store: what its calls share. */
export interface StoreContext extends RequestContext {
  readonly lease: Lease
  /** How long it lasts, in milliseconds. */
  readonly leaseTime: number
  readonly clock: ServerClock
  readonly type: OriginalType
  readonly codec: Codec
  readonly schema: StoreSchema
  /** The intervals of the schema. */
  readonly intervals: ReadonlyMap<string, IntervalPlace & { readonly schema: IntervalSchema }>
  /** All recorded intervals, placed as they are recorded. */
  readonly recorded: ReadonlyMap<string, IntervalPlace>
}

/** Which scripts change and read chunks. */
export function chunkTypeOf({ type, codec }: Pick<StoreContext, 'type' | 'codec'>): ChunkType {
  return type === 'gauge' && codec.packs !== undefined ? 'numbers' : type
}

/** A name, and where its keys are. */
export interface ShardedName {
  readonly name: string
  /** The name as keys spell it. */
  readonly part: string
  readonly shard: number
}

export function shardedName(name: string, keys: Pick<Keys, 'shards'>): ShardedName {
  const part = escapePart(name)
  return { name, part, shard: shardOf(part, keys.shards) }
}
