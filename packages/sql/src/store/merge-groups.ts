import type { BucketGroups, BucketRange } from '@kairos/core/driver'
import type { Dialect } from '../dialects/dialect.ts'

/** How a statement groups the buckets of a range. */
export interface Grouping {
  /** The expression for a row's group. Without parameters: databases compare it with that of `group by`. */
  readonly expression: string
  /** The first bucket of a group, from the value of the expression. */
  bucketOf(group: number): number
}

/** The grouping of a range. */
export function groupingOf(dialect: Pick<Dialect, 'divide'>, groups: BucketGroups, range: BucketRange): Grouping {
  if ('starts' in groups) {
    const starts = startsWithin(groups.starts, range)
    return { expression: positionOf(starts, 0, starts.length), bucketOf: (group) => starts[group]! }
  }
  const { size } = groups
  if (size === 1) return { expression: 'i_time', bucketOf: (bucket) => bucket }
  // Counted from the first group of the range, so that no number is negative: databases round those up.
  const base = startOf(groups, range.first)
  return {
    expression: dialect.divide(`(i_time - (${base}))`, size),
    bucketOf: (group) => base + group * size,
  }
}

/** How many groups a range meets. */
export function groupsIn(groups: BucketGroups, range: BucketRange): number {
  if ('starts' in groups) return startsWithin(groups.starts, range).length
  return (startOf(groups, range.last) - startOf(groups, range.first)) / groups.size + 1
}

/**
 * Steps of a range, in order, with at most this many buckets each, and with `alone` of one group at most; `cuts`: whether one of them ends within a
 * group.
 */
export function stepsOf(
  groups: BucketGroups,
  { first, last }: BucketRange,
  most: number,
  alone: boolean,
): { readonly steps: readonly BucketRange[]; readonly cuts: boolean } {
  const steps: BucketRange[] = []
  let cuts = false
  for (let from = first; from <= last; ) {
    let to = Math.min(last, from + most - 1, alone ? endOf(groups, from) : Number.POSITIVE_INFINITY)
    if (to < last) {
      const edge = startOf(groups, to + 1)
      if (edge > from) to = edge - 1
      else cuts = true
    }
    steps.push({ first: from, last: to })
    from = to + 1
  }
  return { steps, cuts }
}

/** The last bucket of the group of a bucket. */
function endOf(groups: BucketGroups, bucket: number): number {
  if ('starts' in groups) return (groups.starts[lastAtMost(groups.starts, bucket) + 1] ?? Number.POSITIVE_INFINITY) - 1
  return startOf(groups, bucket) + groups.size - 1
}

/** The first bucket of the group of a bucket. */
export function startOf(groups: BucketGroups, bucket: number): number {
  if ('starts' in groups) return groups.starts[lastAtMost(groups.starts, bucket)] ?? Number.NEGATIVE_INFINITY
  return groups.from + Math.floor((bucket - groups.from) / groups.size) * groups.size
}

/** Those whose groups a range meets. */
function startsWithin(starts: readonly number[], { first, last }: BucketRange): readonly number[] {
  return starts.slice(Math.max(0, lastAtMost(starts, first)), lastAtMost(starts, last) + 1)
}

/** The position of the last that is at most `bucket`; -1 if none is. */
function lastAtMost(starts: readonly number[], bucket: number): number {
  let [low, high] = [0, starts.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (starts[middle]! <= bucket) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Nested by halves: a row takes as many comparisons as the number of starts has binary digits. */
function positionOf(starts: readonly number[], from: number, to: number): string {
  if (to - from <= 1) return String(from)
  const middle = (from + to) >>> 1
  return `case when i_time < ${starts[middle]} then ${positionOf(starts, from, middle)} else ${positionOf(starts, middle, to)} end`
}
