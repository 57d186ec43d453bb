import { unescaped } from '@kairos/core/calls'

/** How several points are shown as one. */
export type Consolidation = 'average' | 'sum' | 'min' | 'max' | 'first' | 'last' | 'avg_zero'

/** A line of Graphite: values at equal distances. Functions never change one: they make others. */
export interface Series {
  readonly name: string
  /** The target that it came from, which names what is made of it. */
  readonly path: string
  /** Unix seconds of the first value. */
  readonly start: number
  /** Unix seconds behind the last value. */
  readonly end: number
  /** Seconds between values. */
  readonly step: number
  readonly values: readonly (number | null)[]
  readonly consolidation: Consolidation
  /** The share of values that must be there for a value that is made of several. */
  readonly xFilesFactor: number
  readonly tags: Readonly<Record<string, string>>
}

const RULES: Readonly<Record<Consolidation, (values: readonly number[]) => number>> = {
  average: (values) => total(values) / values.length,
  avg_zero: (values) => total(values) / values.length,
  sum: total,
  min: least,
  max: most,
  first: (values) => values[0]!,
  last: (values) => values[values.length - 1]!,
}

/** The consolidations by the names that `consolidateBy` takes. */
export const CONSOLIDATIONS: Readonly<Record<string, Consolidation>> = {
  average: 'average',
  avg: 'average',
  avg_zero: 'avg_zero',
  sum: 'sum',
  min: 'min',
  max: 'max',
  first: 'first',
  last: 'last',
}

/** The sum of numbers, in order. */
export function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** The least of at least one number: of more than a call can take as arguments. */
export function least(values: readonly number[]): number {
  return values.reduce((one, other) => Math.min(one, other))
}

/** The greatest of at least one number. */
export function most(values: readonly number[]): number {
  return values.reduce((one, other) => Math.max(one, other))
}

/** A stretch of time, in Unix seconds. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** The same series under another name, which names what is made of it too. */
export function made(series: Series, name: string, changes: Partial<Series> = {}): Series {
  return { ...series, ...changes, name, path: name }
}

/** Each value through a function; holes stay holes, and what is not a number becomes one. */
export function mapValues(series: Series, change: (value: number) => number | null): (number | null)[] {
  return series.values.map((value) => (value === null ? null : finite(change(value))))
}

/** Null for what JSON cannot say: infinities, and what is not a number. */
export function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null
}

/** Only the values that are there. */
export function present(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null)
}

/** Whether enough of the values are there: at least this share, and at least one. */
export function enough(there: number, all: number, xFilesFactor: number): boolean {
  return there > 0 && all > 0 && there / all >= xFilesFactor
}

/** A run of values as one. */
export function consolidateValues(series: Series, values: readonly (number | null)[], size: number): number | null {
  const there = present(values)
  if (!enough(there.length, size, series.xFilesFactor)) return null
  return RULES[series.consolidation](series.consolidation === 'avg_zero' ? values.map((value) => value ?? 0) : there)
}

/**
 * A series in at most this many points, several as one by its consolidation. Runs begin at multiples of their length, so that a chart that is drawn
 * again a moment later shows the same ones.
 */
export function showIn(series: Series, maxPoints: number): Series {
  const { start, step, values } = series
  if (values.length <= maxPoints) return series
  const all = maxPoints === 1
  const size = all ? values.length : Math.ceil(values.length / (maxPoints - 1))
  const length = size * step
  const begins = all ? start : start - (start % length)
  const shown: (number | null)[] = []
  for (let from = 0; from < values.length; ) {
    const behind = Math.max(from + 1, Math.ceil((begins + (shown.length + 1) * length - start) / step))
    shown.push(consolidateValues(series, values.slice(from, behind), size))
    from = behind
  }
  return { ...series, start: begins, end: begins + shown.length * length, step: length, values: shown }
}

/** A tag of a series; empty for one that it does not have, whatever it is called. */
export function tagOf({ tags }: Series, tag: string): string {
  return Object.hasOwn(tags, tag) ? tags[tag]! : ''
}

/** The tags of a name such as `disk.used;host=a`; `name` is what comes before them. */
export function tagsOf(name: string): Record<string, string> {
  const [plain = '', ...pairs] = name.split(';')
  const tags: Record<string, string> = Object.create(null)
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at > 0) tags[unescaped(pair.slice(0, at))] = unescaped(pair.slice(at + 1))
  }
  tags.name = plain
  return tags
}
