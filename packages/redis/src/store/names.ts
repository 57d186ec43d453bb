import type { OldestLive } from '@kairos/core/driver'
import { groupBySlot } from '../connection/group-by-slot.ts'
import { unescapePart } from '../schema/keys.ts'
import type { IntervalPlace } from '../schema/records.ts'
import { namesScript } from '../scripts/names.ts'
import { PAGE } from '../scripts/script.ts'
import { ask, type RequestContext } from './context.ts'

/** A registry, of which the names with a cell in bucket `oldest` or a later one are wanted. */
export interface Registry extends Pick<IntervalPlace, 'layout'> {
  readonly shard: number
  readonly key: string
  readonly part: string
  readonly oldest: number
}

/** Where the script stopped: ordinal of the registry, score, name. */
type Cursor = readonly [number, Buffer, Buffer]

/** Every name with a live cell in one of the intervals. Those that are not recorded have no cells. */
export async function liveNames(
  context: RequestContext & { readonly recorded: ReadonlyMap<string, IntervalPlace> },
  oldestLive: OldestLive,
): Promise<readonly string[]> {
  const asked = Object.entries(oldestLive).flatMap(([interval, oldest]) => {
    const found = context.recorded.get(interval)
    return found === undefined ? [] : [{ ...found, oldest }]
  })
  const names: string[] = []
  await listNames(context, registriesOf(context, asked), (_registry, part) => {
    names.push(unescapePart(part))
  })
  return names
}

/** The registries of the intervals in all shards. */
export function registriesOf(
  { keys }: RequestContext,
  intervals: readonly (IntervalPlace & { readonly oldest: number })[],
): readonly Registry[] {
  return Array.from({ length: keys.shards }, (_, shard) =>
    intervals.map((interval) => ({ ...interval, shard, key: keys.registry(shard, interval.part) })),
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
        const shapes = rest.flatMap(({ oldest, layout }) => [oldest, layout.buckets, layout.fanOut].map(String))
        const reply = await ask(asking, namesScript, keys, [PAGE, ...position, ...shapes])
        const [cursor, ...lists] = reply as [Cursor | null, ...(readonly Buffer[])[]]
        for (const [index, list] of lists.entries()) for (const name of list) each(rest[index]!, name.toString())
        if (cursor === null) return
        rest = rest.slice(cursor[0])
        position = [cursor[1].toString('latin1'), cursor[2].toString()]
      }
    }),
  )
}
