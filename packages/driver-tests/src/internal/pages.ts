import type { CellStore, NamesQuery, OldestLive } from '@kairos/core/driver'

/** Every name that has a live cell, page by page. */
export async function allNames(
  store: CellStore,
  oldestLive: OldestLive,
  query: Partial<NamesQuery> = {},
): Promise<string[]> {
  const names: string[] = []
  for (let after = query.after; ; ) {
    const page = await store.names({ limit: 1_000, ...query, oldestLive, ...(after !== undefined && { after }) })
    names.push(...page.names)
    if (page.next === undefined) return names
    after = page.next
  }
}

/** Sweeps until nothing is left, in steps of some thousand cells; says how many cells that were. */
export async function sweepAll(
  store: CellStore,
  oldestLive: OldestLive,
  names: readonly string[] | null,
): Promise<number> {
  for (let total = 0; ; ) {
    const { swept, done } = await store.sweep!({ oldestLive, names, limit: 5_000 })
    total += swept
    if (done) return total
  }
}
