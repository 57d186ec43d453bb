import { compareCodePoints, mapConcurrently, type NamesPage, type NamesQuery } from '@kairos/core/driver'
import { type RegisteredName, SHARDS } from '../registry/registry.ts'
import type { StoreContext } from './context.ts'
import { isLive } from './live-names.ts'

/** Names verified at a time. */
const AT_ONCE = 64
/** Names looked at together: twice as many each time, while they turn out to have no data. */
const FEWEST_LOOKS = 8
/** A page looks at as many names as it may hold, and at least at these many: registrations stay for a day after their data was deleted. */
const LEAST_LOOKS = 256
/** Rows of a shard read at a time. */
const FEWEST_ROWS = 8
const MOST_ROWS = 1_024

/**
 * A page of the names that have a live cell. Reads the next names of each shard, and one row of the newest window of each name.
 * @throws StoreFailure
 */
export async function pageOfLiveNames(context: StoreContext, query: NamesQuery): Promise<NamesPage> {
  if (!context.hasTable) return { names: [] }
  const { prefix = '', after, limit } = query
  const oldest = new Map(
    Object.entries(query.oldestLive).map(([interval, bucket]) => [context.intervalKey(interval), bucket]),
  )
  let inclusive = after === undefined || compareCodePoints(after, prefix) < 0
  let from: string | undefined = inclusive ? prefix : after!
  // Names are spread evenly, so that a few more of each shard than its share nearly always suffice.
  let most = Math.min(MOST_ROWS, FEWEST_ROWS + Math.ceil((1.5 * limit * oldest.size) / SHARDS))
  const mostLooks = Math.max(limit, LEAST_LOOKS)
  const names: string[] = []
  for (let looks = 0, fewest = FEWEST_LOOKS; from !== undefined; ) {
    const page = await context.registry.namesFrom(from, { inclusive, most })
    const ofPrefix = page.names.filter(([first]) => first!.name.startsWith(prefix))
    const next: string | undefined = ofPrefix.length < page.names.length ? undefined : page.next
    // Many names without data, or a name with very many registrations.
    most *= 2
    for (let at = 0; at < ofPrefix.length; ) {
      const wanted = Math.max(fewest, limit - names.length)
      const some = ofPrefix.slice(at, at + Math.min(wanted, mostLooks - looks))
      fewest = Math.min(2 * fewest, AT_ONCE)
      const live = await mapConcurrently(AT_ONCE, some, (rows) => isNameLive(context, rows, oldest))
      for (const [index, [first]] of some.entries()) {
        if (live[index]) names.push(first!.name)
        at++
        looks++
        if (names.length < limit && looks < mostLooks) continue
        const isLast = next === undefined && at === ofPrefix.length
        return isLast ? { names } : { names, next: first!.name }
      }
    }
    from = next
    inclusive = true
  }
  return { names }
}

async function isNameLive(
  context: StoreContext,
  registrations: readonly RegisteredName[],
  oldest: ReadonlyMap<string, number>,
): Promise<boolean> {
  for (const registered of registrations) {
    const first = oldest.get(registered.interval)
    if (first !== undefined && (await isLive(context, registered, first))) return true
  }
  return false
}
