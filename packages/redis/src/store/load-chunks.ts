import type { BucketRange } from '@kairos/core/driver'
import { groupBySlot } from '../connection/group-by-slot.ts'
import type { IntervalPlace } from '../schema/records.ts'
import { ask } from '../schema/request-context.ts'
import { PAGE, type Script } from '../scripts/script.ts'
import { Damaged, damagedAt } from '../values/damaged.ts'
import { type StoreContext, shardedName } from './context.ts'

/** A chunk as a script returned it: one joined string, or its elements apart. */
export interface LoadedChunk {
  readonly name: string
  readonly chunk: string
  readonly content: Buffer | readonly Buffer[]
  /** Whether another part of the chunk follows. */
  readonly more: boolean
}

/** Where the script stopped: ordinal of the index, chunk, place inside it. */
type Cursor = readonly [number, Buffer, Buffer | number]

/**
 * Calls `each` with the chunks of a range, name by name, and with the parts of a large chunk in order. What it finds damaged, fails with its key.
 * @throws StoreFailure
 */
export async function loadChunks(
  context: StoreContext,
  { part, layout }: IntervalPlace,
  names: readonly string[],
  range: BucketRange,
  script: Script,
  each: (chunk: LoadedChunk) => void,
): Promise<void> {
  const { runner, keys } = context
  const shape = [range.first, range.last, layout.buckets, layout.fanOut].map(String)
  const sharded = names.map((name) => shardedName(name, keys))
  await Promise.all(
    groupBySlot(sharded, runner.client.cluster).map(async (group) => {
      let rest = group
      for (let position = ['', '']; ; ) {
        const indexes = rest.map((name) => keys.index(name.shard, part, name.part))
        const reply = await ask(context, script, indexes, [PAGE, ...position, ...shape])
        const [cursor, ...lists] = reply as [Cursor | null, ...(readonly (Buffer | readonly Buffer[])[])[]]
        const next = cursor === null ? null : { chunk: cursor[1].toString('latin1'), inside: String(cursor[2]) }
        for (const [index, list] of lists.entries()) {
          for (let at = 0; at < list.length; at += 2) {
            const chunk = (list[at] as Buffer).toString('latin1')
            const unfinished = next !== null && next.inside !== '' && chunk === next.chunk && index === cursor![0]
            try {
              each({ name: rest[index]!.name, chunk, content: list[at + 1]!, more: unfinished })
            } catch (error) {
              throw error instanceof Damaged ? damagedAt(`${indexes[index]}:${chunk}`, error) : error
            }
          }
        }
        if (cursor === null || next === null) return
        rest = rest.slice(cursor[0])
        position = [next.chunk, next.inside]
      }
    }),
  )
}
