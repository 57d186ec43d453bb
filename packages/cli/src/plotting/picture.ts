/** A line: where each bucket begins, in Unix seconds, and its value; null: it has no data. */
export interface Line {
  readonly label: string
  readonly points: readonly (readonly [start: number, value: number | null])[]
}

/** How often values of each row were seen in each bucket. */
export interface Heat {
  /** Where each bucket begins, ascending. */
  readonly starts: readonly number[]
  /** From the top down: what the row is called, and its times, one for each bucket. */
  readonly rows: readonly { readonly label: string; readonly times: readonly number[] }[]
}

/** What is drawn, on whichever medium. */
export type Picture = {
  /** What it is and where it is from. */
  readonly title: string
  readonly zone: string
} & (
  | { readonly kind: 'line' | 'bar' | 'spark'; readonly lines: readonly Line[] }
  | { readonly kind: 'heat'; readonly heat: Heat }
)

/** In characters. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

/** All moments at which a bucket begins, ascending. */
export function startsOf(lines: readonly Line[]): number[] {
  return [...new Set(lines.flatMap(({ points }) => points.map(([start]) => start)))].sort((one, other) => one - other)
}

/** Where the last of these buckets ends, if it is as long as the one before it. */
export function endOf(starts: readonly number[]): number {
  const last = starts.at(-1)!
  return last + (starts.length > 1 ? last - starts.at(-2)! : 1)
}

/** The values that are there. */
export function valuesOf(lines: readonly Line[]): number[] {
  return lines.flatMap(({ points }) => points.flatMap(([, value]) => (value === null ? [] : [value])))
}

/** The least and the greatest of any number of values: too many for Math.min(...values). Infinity and -Infinity of none. */
export function leastAndMost(values: Iterable<number>): [least: number, most: number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (value < least) least = value
    if (value > most) most = value
  }
  return [least, most]
}

/** A number as an axis shows it. */
export function shownNumber(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return value.toExponential(2)
  return String(Number(value.toPrecision(6)))
}
