import { type CellQuery, mapConcurrently } from '@kairos/core/driver'
import { groupBySlot } from '../connection/group-by-slot.ts'
import { deadlineOf } from '../connection/server-clock.ts'
import { ask, type RequestContext } from '../schema/request-context.ts'
import { deleteRangeScript, deleteScript } from '../scripts/delete.ts'
import type { Script } from '../scripts/script.ts'
import { type StoreContext, shardedName } from './context.ts'
import { listNames, registriesOf } from './registries.ts'

/** Groups of names deleted at a time: of a million names at once, the last ones would wait for their answers longer than any timeout. */
const AT_ONCE = 16

/** A name in one interval. */
interface Entry {
  readonly shard: number
  readonly interval: string
  readonly name: string
}

/** Deletes names, or all of them, in the schema's intervals. */
export async function deleteNames(context: StoreContext, names: readonly string[] | null): Promise<void> {
  const parts = Array.from(context.intervals.values(), ({ part }) => part)
  if (names === null) return deleteRegistered(context, parts)
  await deleteEntries(
    context,
    names.flatMap((name) => {
      const { part, shard } = shardedName(name, context.keys)
      return parts.map((interval): Entry => ({ shard, interval, name: part }))
    }),
  )
}

/** Deletes everything in these intervals. */
export async function deleteRegistered(asking: RequestContext, intervals: readonly string[]): Promise<void> {
  const entries: Entry[] = []
  await listNames(asking, registriesOf(asking, intervals), ({ shard, part }, name) => {
    entries.push({ shard, interval: part, name })
  })
  await deleteEntries(asking, entries)
}

/** Deletes the cells of a range. */
export async function deleteRange(context: StoreContext, { names, interval, range }: CellQuery): Promise<void> {
  const { part, layout } = context.intervals.get(interval)!
  const shape = [range.first, range.last, layout.buckets, layout.fanOut].map(String)
  const entries = names.map((name): Entry => {
    const own = shardedName(name, context.keys)
    return { shard: own.shard, interval: part, name: own.part }
  })
  await eachGroup(context, entries, context.kind?.scripts.deleteRange ?? deleteRangeScript, shape)
}

async function deleteEntries(asking: RequestContext, entries: readonly Entry[]): Promise<void> {
  await eachGroup(asking, entries, deleteScript, [])
}

/** Runs a script over names until it has finished with all of them. */
async function eachGroup(
  asking: RequestContext,
  entries: readonly Entry[],
  script: Script,
  parameters: readonly string[],
): Promise<void> {
  const { runner, keys, clock } = asking
  await mapConcurrently(AT_ONCE, groupBySlot(entries, runner.client.cluster), async (group) => {
    for (let rest = group; rest.length > 0; ) {
      const touched = rest.flatMap(({ shard, interval, name }) => [
        keys.registry(shard, interval),
        keys.index(shard, interval, name),
      ])
      const deadline = clock === undefined ? '' : deadlineOf({ runner, clock })
      const names = rest.map(({ name }) => name)
      const next = await ask(asking, script, touched, [deadline, ...parameters, ...names])
      // It was late; the time tells how late, so that the next one is not.
      if (Array.isArray(next)) clock!.set(Number(String(next[1])))
      else rest = next === null ? [] : rest.slice(next as number)
    }
  })
}
