/** The most items of several shards in one call: enough to save round trips, too few to block a server. */
const MOST_TOGETHER = 64

/** Groups items that one call can handle: in a cluster those of one shard, otherwise any few. */
export function groupBySlot<T extends { readonly shard: number }>(items: readonly T[], cluster: boolean): T[][] {
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
