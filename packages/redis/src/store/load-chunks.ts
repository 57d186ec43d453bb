import type { BucketRange } from '@kairos/core/driver'
import type { Script } from '../scripts/script.ts'
import { type IntervalPlace, type OpenedPlace, type ShardedName, shardedName, together } from './context.ts'

/** A chunk as a script gave it: one joined string, or its elements apart. */
export interface LoadedChunk {
  readonly name: string
  readonly chunk: string
  readonly content: Buffer | readonly Buffer[]
}

/** Most elements that one call reads: a few milliseconds of the server's, and a reply of a few hundred kilobytes. */
const MOST_ELEMENTS = 20_000

/** Where a script stopped: ordinal of the index, score, element of a list. */
type Cursor = readonly [number, Buffer, number]

/** Calls `each` with the chunks of a range, name by name, the parts of a long list in order. */
export async function loadChunks(
  place: OpenedPlace,
  { part, layout }: IntervalPlace,
  names: readonly string[],
  range: BucketRange,
  script: Script,
  each: (chunk: LoadedChunk) => void,
): Promise<void> {
  const { calls, keys } = place
  const from = String(layout.score(range.first))
  const to = String(layout.score(range.last))
  const load = async (group: readonly ShardedName[]): Promise<void> => {
    const indexes = group.map((name) => `${keys.registry(name.shard, part)}:${name.part}`)
    let first = 0
    let position = [from, '0']
    for (;;) {
      const rest = indexes.slice(first)
      const parameters = [String(MOST_ELEMENTS), ...position, from, to, ...rest]
      const reply = await calls.ask(script, keys.route(group[0]!.shard), parameters)
      const [cursor, ...lists] = reply as [Cursor | null, ...(readonly (Buffer | readonly Buffer[])[])[]]
      lists.forEach((list, index) => {
        const { name } = group[first + index]!
        for (let at = 0; at < list.length; at += 2)
          each({ name, chunk: (list[at] as Buffer).toString('latin1'), content: list[at + 1]! })
      })
      if (cursor === null) return
      first += cursor[0]
      position = [cursor[1].toString('latin1'), String(cursor[2])]
    }
  }
  const sharded = names.map((name) => shardedName(name, keys))
  await Promise.all(together(sharded, calls.client.cluster).map(load))
}
