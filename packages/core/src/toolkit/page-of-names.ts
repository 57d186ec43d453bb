import type { NamesPage, NamesQuery } from '../contract/cells.ts'
import { compareCodePoints } from '../internal/order.ts'

/**
 * A page of `CellStore.names` for a store that has no order of its own: of all its live names, in any order, repeats allowed.
 * @example `names: async (query) => pageOfNames(await liveNames(query.oldestLive), query)`
 */
export function pageOfNames(
  live: Iterable<string>,
  { prefix = '', after, limit }: Pick<NamesQuery, 'prefix' | 'after' | 'limit'>,
): NamesPage {
  const names = [...new Set(live)]
    .filter((name) => name.startsWith(prefix) && (after === undefined || compareCodePoints(name, after) > 0))
    .sort(compareCodePoints)
  if (names.length <= limit) return { names }
  const page = names.slice(0, limit)
  return { names: page, next: page.at(-1)! }
}
