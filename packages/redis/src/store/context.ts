import type { IntervalSchema, Lease, OriginalType, StoreSchema, TimeseriesType } from '@kairos/core/driver'
import type { ServerClock } from '../connection/server-clock.ts'
import type { Kind } from '../kinds/kind.ts'
import { escapePart, type Keys, shardOf } from '../schema/keys.ts'
import type { IntervalPlace } from '../schema/records.ts'
import type { RequestContext } from '../schema/request-context.ts'
import { replaceScripts } from '../scripts/replace.ts'
import type { Script } from '../scripts/script.ts'
import { type ChunkType, writeScripts } from '../scripts/write.ts'
import type { Codec } from '../values/codecs.ts'

/** An open store: what its calls share. */
export interface StoreContext extends RequestContext {
  readonly lease: Lease
  /** How long it lasts, in milliseconds. */
  readonly leaseTime: number
  readonly clock: ServerClock
  /** As which cells are laid out. */
  readonly type: OriginalType
  readonly codec: Codec
  /** How cells are kept, if neither the type nor the codec says it. */
  readonly kind: Kind | undefined
  readonly schema: StoreSchema<TimeseriesType>
  /** The intervals of the schema. */
  readonly intervals: ReadonlyMap<string, IntervalPlace & { readonly schema: IntervalSchema }>
  /** All recorded intervals, placed as they are recorded. */
  readonly recorded: ReadonlyMap<string, IntervalPlace>
}

/** Which scripts change chunks that no kind keeps. */
function chunkTypeOf({ type, codec }: Pick<StoreContext, 'type' | 'codec'>): ChunkType {
  return type === 'gauge' && codec.packs !== undefined ? 'numbers' : type
}

export function writeScriptOf(context: StoreContext): Script {
  return context.kind?.scripts.write ?? writeScripts[chunkTypeOf(context)]
}

export function replaceScriptOf(context: StoreContext): Script {
  return context.kind?.scripts.replace ?? replaceScripts[chunkTypeOf(context)]
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
