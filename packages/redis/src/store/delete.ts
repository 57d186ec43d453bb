import type { Calls } from '../connection/script-runner.ts'
import type { Keys } from '../schema/keys.ts'
import { deleteScript, registeredScript } from '../scripts/delete.ts'
import { type OpenedPlace, shardedName, together } from './context.ts'

/** A name in one interval, as the registry has it. */
interface Registered {
  readonly shard: number
  readonly registry: string
  readonly name: string
}

/** Deletes names, or all, in the schema's intervals. */
export async function deleteNames(place: OpenedPlace, names: readonly string[] | null): Promise<void> {
  const { calls, keys, intervals } = place
  const parts = Array.from(intervals.values(), ({ part }) => part)
  if (names === null) return deleteRegistered(calls, keys, parts)
  const entries = names.flatMap((name) => {
    const { part, shard } = shardedName(name, keys)
    return parts.map((interval): Registered => ({ shard, registry: keys.registry(shard, interval), name: part }))
  })
  await deleteEntries(calls, keys, entries)
}

/** Deletes everything in these intervals. */
export async function deleteRegistered(calls: Calls, keys: Keys, intervals: readonly string[]): Promise<void> {
  await deleteEntries(calls, keys, await registeredIn(calls, keys, intervals))
}

async function registeredIn(calls: Calls, keys: Keys, intervals: readonly string[]): Promise<Registered[]> {
  const registries = Array.from({ length: keys.shards }, (_, shard) =>
    intervals.map((interval) => ({ shard, registry: keys.registry(shard, interval) })),
  ).flat()
  const found = await Promise.all(
    together(registries, calls.client.cluster).map(async (group) => {
      const parameters = group.map(({ registry }) => registry)
      const reply = await calls.ask(registeredScript, keys.route(group[0]!.shard), parameters)
      return (reply as readonly (readonly Buffer[])[]).flatMap((names, index) =>
        names.map((name): Registered => ({ ...group[index]!, name: name.toString() })),
      )
    }),
  )
  return found.flat()
}

async function deleteEntries(calls: Calls, keys: Keys, entries: readonly Registered[]): Promise<void> {
  await Promise.all(
    together(entries, calls.client.cluster).map(async (group) => {
      for (let rest = group; rest.length > 0; ) {
        const parameters = rest.flatMap(({ registry, name }) => [registry, name])
        const next = (await calls.ask(deleteScript, keys.route(group[0]!.shard), parameters)) as number | null
        rest = next === null ? [] : rest.slice(next)
      }
    }),
  )
}
