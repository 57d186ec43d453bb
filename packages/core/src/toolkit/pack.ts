/** How much goes into one list of `pack`. */
export interface PackLimits<Item> {
  /** For example an item's size in bytes. */
  weightOf(item: Item): number
  /** Most weight of a list, in the same unit; an item that is heavier gets a list of its own. */
  readonly maxWeight: number
  readonly maxItems: number
}

/**
 * Splits items into lists, in their order: each list takes as many as the limits allow. Lists are made as they are asked for.
 * @example
 * [...pack(rows, { weightOf: ({ bytes }) => bytes.length, maxWeight: 4_000, maxItems: 64 })]
 */
export function* pack<Item>(
  items: Iterable<Item>,
  { weightOf, maxWeight, maxItems }: PackLimits<Item>,
): Generator<Item[], undefined> {
  let list: Item[] = []
  let weight = 0
  for (const item of items) {
    const added = weightOf(item)
    if (list.length > 0 && (weight + added > maxWeight || list.length >= maxItems)) {
      yield list
      list = []
      weight = 0
    }
    list.push(item)
    weight += added
  }
  if (list.length > 0) yield list
}
