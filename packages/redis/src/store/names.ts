import type { OldestLive } from '@kairos/core/driver'
import { together } from '../connection/group-by-slot.ts'
import { unescapePart } from '../schema/keys.ts'
import type { IntervalPlace } from '../schema/records.ts'
import { namesScript } from '../scripts/names.ts'
import { PAGE } from '../scripts/script.ts'
import { type Asking, ask } from './context.ts'

/** A registry, and what of it is asked for: names with a chunk that may hold this bucket, or a later one. */
export interface Registry extends Pick<IntervalPlace, 'layout'> {
  readonly shard: number
  readonly key: string
  readonly part: string
  readonly oldest: number
}

/** Where a script stopped: ordinal of the registry, score, name. */
type Cursor = readonly [number, Buffer, Buffer]

/** Every name with a live cell in one of the intervals, of which those that are not recorded have none. */
export async function liveNames(
  place: Asking & { readonly recorded: ReadonlyMap<string, IntervalPlace> },
  oldestLive: OldestLive,
): Promise<readonly string[]> {
  const asked = Object.entries(oldestLive).flatMap(([interval, oldest]) => {
    const found = place.recorded.get(interval)
    return found === undefined ? [] : [{ ...found, oldest }]
  })
  const names: string[] = []
  await listNames(place, registriesOf(place, asked), (_registry, part) => {
    names.push(unescapePart(part))
  })
  return names
}

/** The registries of intervals in all shards. */
export function registriesOf(
  { keys }: Asking,
  intervals: readonly (IntervalPlace & { readonly oldest: number })[],
): readonly Registry[] {
  return Array.from({ length: keys.shards }, (_, shard) =>
    intervals.map((interval) => ({ ...interval, shard, key: keys.registry(shard, interval.part) })),
  ).flat()
}

/** Calls `each` with the names in registries as keys have them; with some of them twice, where they are written meanwhile. */
export async function listNames(
  asking: Asking,
  registries: readonly Registry[],
  each: (registry: Registry, name: string) => void,
): Promise<void> {
  await Promise.all(
    together(registries, asking.runner.client.cluster).map(async (group) => {
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
