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
  min: (values) => values.reduce((least, value) => Math.min(least, value)),
  max: (values) => values.reduce((most, value) => Math.max(most, value)),
  first: (values) => values[0]!,
  last: (values) => values[values.length - 1]!,
}

/** The consolidations by the names that `consolidateBy` takes. */
export const CONSOLIDATIONS: Readonly<Record<string, Consolidation>> = {
  ...(Object.fromEntries(Object.keys(RULES).map((name) => [name, name])) as Record<Consolidation, Consolidation>),
  avg: 'average',
}

/** The sum of numbers, in order. */
export function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
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

/** Each `size` values as one, from the first on. */
export function consolidate(series: Series, size: number): Series {
  if (size <= 1) return series
  const values: (number | null)[] = []
  for (let at = 0; at < series.values.length; at += size)
    values.push(consolidateValues(series, series.values.slice(at, at + size), size))
  return { ...series, values, step: series.step * size }
}

/** The tags of a name such as `disk.used;host=a`; `name` is what comes before them. */
export function tagsOf(name: string): Record<string, string> {
  const [plain = '', ...pairs] = name.split(';')
  const tags: Record<string, string> = Object.create(null)
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at > 0) tags[pair.slice(0, at)] = unescaped(pair.slice(at + 1))
  }
  tags.name = plain
  return tags
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
