/** How many keys of several shards one call may go over where nothing forbids it: enough to save round trips, too few to hold a server up. */
const MOST_TOGETHER = 64

/** What one call can do at once: in a cluster what lies in one shard, else any few. */
export function together<T extends { readonly shard: number }>(items: readonly T[], cluster: boolean): T[][] {
  const groups = new Map<number, T[]>()
  for (const item of items) {
    const key = cluster ? item.shard : 0
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / MOST_TOGETHER) }, (_, index) =>
      group.slice(index * MOST_TOGETHER, (index + 1) * MOST_TOGETHER),
    ),
  )
}
