import type { IntervalSchema, Lease, StoreSchema, TimeseriesType } from '@kairos/core/driver'
import type { ScriptRunner } from '../connection/script-runner.ts'
import type { ServerClock } from '../connection/server-clock.ts'
import { escapePart, type Keys, shardOf } from '../schema/keys.ts'
import type { IntervalPlace } from '../schema/records.ts'
import type { Script } from '../scripts/script.ts'
import type { Codec } from '../values/codecs.ts'

/** What requests are made with. */
export interface Asking {
  readonly runner: ScriptRunner
  readonly keys: Keys
  /** What keeps requests off records that were replaced; absent while records are opened. */
  readonly lease?: Lease
  /** Ends work of many requests. */
  readonly signal?: AbortSignal | undefined
}

/** An opened place: what its calls share. */
export interface OpenedPlace extends Asking {
  readonly lease: Lease
  readonly clock: ServerClock
  readonly type: TimeseriesType
  readonly codec: Codec
  readonly schema: StoreSchema
  /** Of the schema. */
  readonly intervals: ReadonlyMap<string, IntervalPlace & { readonly schema: IntervalSchema }>
  /** All that are recorded, as they are recorded. */
  readonly recorded: ReadonlyMap<string, IntervalPlace>
}

/**
 * One request of work that consists of many: whoever has left does not go on.
 * @throws StoreFailure
 */
export function ask(
  { runner, lease, signal }: Asking,
  script: Script,
  keys: readonly string[],
  parameters: readonly string[],
): Promise<unknown> {
  signal?.throwIfAborted()
  return runner.ask(script, keys, parameters, lease)
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
