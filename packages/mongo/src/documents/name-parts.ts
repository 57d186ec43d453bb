/** The most bytes of names in one filter: far below the 16 MB of a request. */
const MOST_BYTES = 4_000_000
/** Bytes of BSON around a name in an array: its type, its index and its length. */
const AROUND = 16

/** Splits names into parts that each fit into a request. */
export function nameParts(names: readonly string[]): string[][] {
  const parts: string[][] = []
  let part: string[] = []
  let bytes = 0
  for (const name of names) {
    const own = 3 * name.length + AROUND
    if (part.length > 0 && bytes + own > MOST_BYTES) {
      parts.push(part)
      part = []
      bytes = 0
    }
    part.push(name)
    bytes += own
  }
  if (part.length > 0) parts.push(part)
  return parts
}

/** The condition of a filter on the field `name`. */
export function nameFilter(names: readonly string[]): string | { readonly $in: readonly string[] } {
  return names.length === 1 ? names[0]! : { $in: names }
}
