import { groupBySlot } from '../connection/group-by-slot.ts'
import { ask, type RequestContext } from '../schema/request-context.ts'
import { registeredScript } from '../scripts/names.ts'
import { PAGE } from '../scripts/script.ts'

/** The names of an interval in one shard. */
export interface Registry {
  readonly shard: number
  readonly key: string
  /** The interval as keys spell it. */
  readonly part: string
}

/** Where the script stopped: ordinal of the registry, score, name. */
type Cursor = readonly [number, Buffer, Buffer]

/** The registries of intervals, as keys spell them, in all shards. */
export function registriesOf({ keys }: RequestContext, parts: readonly string[]): readonly Registry[] {
  return Array.from({ length: keys.shards }, (_, shard) =>
    parts.map((part) => ({ part, shard, key: keys.registry(shard, part) })),
  ).flat()
}

/** Calls `each` with the names in registries, as keys spell them; a name that is written meanwhile may come twice. */
export async function listNames(
  asking: RequestContext,
  registries: readonly Registry[],
  each: (registry: Registry, name: string) => void,
): Promise<void> {
  await Promise.all(
    groupBySlot(registries, asking.runner.client.cluster).map(async (group) => {
      let rest = group
      for (let position = ['', '']; ; ) {
        const keys = rest.map(({ key }) => key)
        const reply = await ask(asking, registeredScript, keys, [PAGE, ...position])
        const [cursor, ...lists] = reply as [Cursor | null, ...(readonly Buffer[])[]]
        for (const [index, list] of lists.entries()) for (const name of list) each(rest[index]!, name.toString())
        if (cursor === null) return
        rest = rest.slice(cursor[0])
        position = [cursor[1].toString('latin1'), cursor[2].toString()]
      }
    }),
  )
}
