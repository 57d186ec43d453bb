import { compareCodePoints, type NamesPage, type NamesQuery, type OldestLive } from '@kairos/core/driver'
import { groupBySlot } from '../connection/group-by-slot.ts'
import type { IntervalPlace } from '../schema/records.ts'
import { ask, type RequestContext } from '../schema/request-context.ts'
import { pageScript } from '../scripts/names.ts'
import { PAGE } from '../scripts/script.ts'
import type { Registry } from './registries.ts'

/** A registry of which a page is made. */
interface Source extends Registry {
  readonly shape: readonly string[]
  /** Where its next names begin, as ZRANGEBYLEX spells it; '' if it has no more. */
  start: string
  /** The last name that it was asked for. */
  last: string
}

type NamesContext = RequestContext & { readonly recorded: ReadonlyMap<string, IntervalPlace> }

/** How often all shards are asked for one page, before it is returned although it is not full. */
const MOST_ROUNDS = 8

/**
 * A page of the names with a live cell in one of the intervals; those that are not recorded have no cells. Each shard is asked for its share of the page,
 * and those that hold more of it again: what lies before the last name of every shard is complete.
 */
export async function pageOfLiveNames(context: NamesContext, query: NamesQuery): Promise<NamesPage> {
  const { prefix = '', after, limit } = query
  const continues = after !== undefined && compareCodePoints(after, prefix) >= 0
  const start = continues ? `(${after}` : `[${prefix}`
  // No UTF-8 has the byte 0xff, which sorts after everything that begins with the prefix.
  const till = prefix === '' ? '+' : Buffer.concat([Buffer.from(`(${prefix}`), Buffer.from([255])])
  const sources = sourcesOf(context, query.oldestLive, start)
  // Names are spread evenly, so a few more than a shard's share is enough most of the time.
  const most = Math.ceil((limit + 1) / context.keys.shards) + 1
  let names: string[] = []
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const wanted = names[limit]
    const behind = sources.filter(
      (source) => source.start !== '' && (wanted === undefined || !isBefore(wanted, source.last)),
    )
    if (behind.length === 0) break
    const found = await askSources(context, behind, String(Math.min(most * 2 ** round, 1_000)), till)
    names = [...new Set([...names, ...found])].sort(compareCodePoints)
  }
  const lasts = sources.filter((source) => source.start !== '').map(({ last }) => last)
  const horizon = lasts.length === 0 ? undefined : lasts.reduce((least, last) => (isBefore(last, least) ? last : least))
  const known = horizon === undefined ? names : names.filter((name) => !isBefore(horizon, name))
  if (known.length > limit) return { names: known.slice(0, limit), next: known[limit - 1]! }
  return { names: known, ...(horizon !== undefined && { next: horizon }) }
}

function isBefore(name: string, other: string): boolean {
  return compareCodePoints(name, other) < 0
}

function sourcesOf({ keys, recorded }: NamesContext, oldestLive: OldestLive, start: string): Source[] {
  const shaped = Object.entries(oldestLive).flatMap(([interval, oldest]) => {
    const found = recorded.get(interval)
    if (found === undefined) return []
    const { part, layout } = found
    return [{ part, shape: [oldest, layout.buckets, layout.fanOut].map(String) }]
  })
  return Array.from({ length: keys.shards }, (_, shard) =>
    shaped.map(({ part, shape }) => ({ shard, part, shape, key: keys.registry(shard, part), start, last: '' })),
  ).flat()
}

/** Moves sources on, and resolves to the names they have passed. */
async function askSources(
  context: NamesContext,
  sources: readonly Source[],
  most: string,
  till: string | Buffer,
): Promise<string[]> {
  const names: string[] = []
  await Promise.all(
    groupBySlot(sources, context.runner.client.cluster).map(async (group) => {
      for (let rest = group; rest.length > 0; ) {
        const registries = rest.map(({ key }) => key)
        const parameters = [PAGE, most, till, ...rest.flatMap((source) => [source.start, ...source.shape])]
        const reply = (await ask(context, pageScript, registries, parameters)) as (Buffer | null | readonly Buffer[])[]
        rest = rest.filter((source, index) => {
          const start = reply[index * 2] as Buffer | null
          if (start === null) return true
          source.start = start.toString()
          source.last = source.start.slice(1)
          for (const name of reply[index * 2 + 1] as readonly Buffer[]) names.push(name.toString())
          return false
        })
      }
    }),
  )
  return names
}

/** Whether any name has a live cell in these intervals. */
export async function hasLiveNames(context: NamesContext, oldestLive: OldestLive): Promise<boolean> {
  let query: NamesQuery = { oldestLive, limit: 1 }
  for (;;) {
    const { names, next } = await pageOfLiveNames(context, query)
    if (names.length > 0) return true
    if (next === undefined) return false
    query = { ...query, after: next }
  }
}
