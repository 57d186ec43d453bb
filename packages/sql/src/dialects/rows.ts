/** What a batch writes, as columns in the order of the table's: the form of array parameters, and the cheapest to build. */
export type Rows = readonly (readonly unknown[])[]

/** The position of `value`, the only column that can hold long entries. */
export const VALUES = 4

/** The number of rows. */
export function lengthOf(rows: Rows): number {
  return rows[0]!.length
}

/**
 * Splits rows into ranges `[from, to)` of at most `mostRows` rows, and of about `mostBytes` where there are long texts among them.
 * @example slicesOf(rows, 1_000, 2 ** 20) // [[0, 1000], [1000, 1500]]
 */
export function slicesOf(rows: Rows, mostRows: number, mostBytes: number): readonly (readonly [number, number])[] {
  const length = lengthOf(rows)
  const values = rows[VALUES]!
  const slices: (readonly [number, number])[] = []
  let from = 0
  let bytes = 0
  for (let index = 0; index < length; index++) {
    const value = values[index]
    const size = typeof value === 'string' || value instanceof Uint8Array ? value.length : 0
    if (index > from && (index - from === mostRows || bytes + size > mostBytes)) {
      slices.push([from, index])
      from = index
      bytes = 0
    }
    bytes += size
  }
  slices.push([from, length])
  return slices
}
