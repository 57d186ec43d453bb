import { groupBySlot } from '../connection/group-by-slot.ts'
import { Layout } from '../schema/layout.ts'
import { deleteScript } from '../scripts/delete.ts'
import { ask, type RequestContext, type StoreContext, shardedName } from './context.ts'
import { listNames, registriesOf } from './names.ts'

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

/** With one bucket in each chunk, every name in a registry is listed, whatever it holds. */
const EVERY: { readonly layout: Layout; readonly oldest: number } = {
  layout: new Layout('set', { hasResolution: false, fanOut: 1, fields: 1 }),
  oldest: Number.MIN_SAFE_INTEGER,
}

/** Deletes everything in these intervals. */
export async function deleteRegistered(asking: RequestContext, intervals: readonly string[]): Promise<void> {
  const entries: Entry[] = []
  const registries = registriesOf(
    asking,
    intervals.map((part) => ({ part, ...EVERY })),
  )
  await listNames(asking, registries, ({ shard, part }, name) => {
    entries.push({ shard, interval: part, name })
  })
  await deleteEntries(asking, entries)
}

async function deleteEntries(asking: RequestContext, entries: readonly Entry[]): Promise<void> {
  const { runner, keys } = asking
  await Promise.all(
    groupBySlot(entries, runner.client.cluster).map(async (group) => {
      for (let rest = group; rest.length > 0; ) {
        const touched = rest.flatMap(({ shard, interval, name }) => [
          keys.registry(shard, interval),
          keys.index(shard, interval, name),
        ])
        const names = rest.map(({ name }) => name)
        const next = (await ask(asking, deleteScript, touched, names)) as number | null
        rest = next === null ? [] : rest.slice(next)
      }
    }),
  )
}
