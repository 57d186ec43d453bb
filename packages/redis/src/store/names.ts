import type { OldestLive } from '@kairos/core/driver'
import { unescapePart } from '../schema/keys.ts'
import { namesScript } from '../scripts/extent.ts'
import { type OpenedPlace, together } from './context.ts'

/** Names with a live cell in one of the intervals, of which those that are not recorded have none. */
export async function liveNames(
  { calls, keys, recorded }: OpenedPlace,
  oldestLive: OldestLive,
): Promise<readonly string[]> {
  const asked = Object.entries(oldestLive).flatMap(([interval, oldest]) => {
    const found = recorded.get(interval)
    return found === undefined ? [] : [{ ...found, oldest }]
  })
  const registries = Array.from({ length: keys.shards }, (_, shard) =>
    asked.map(({ part, layout, oldest }) => ({
      shard,
      parameters: [
        keys.registry(shard, part),
        String(layout.score(oldest)),
        String(oldest),
        String(layout.buckets),
        String(layout.fanOut),
      ],
    })),
  ).flat()
  const names = await Promise.all(
    together(registries, calls.client.cluster).map(async (group) => {
      const parameters = group.flatMap((each) => each.parameters)
      const reply = await calls.ask(namesScript, keys.route(group[0]!.shard), parameters)
      return (reply as readonly Buffer[]).map((name) => unescapePart(name.toString()))
    }),
  )
  return names.flat()
}
