import type { Distribution } from '@kairos/core'
import { type Heat, shownNumber } from './picture.ts'

/** How often something was seen: a number between two others, or a text. */
interface Seen {
  readonly value: number | string
  readonly times: number
}
interface Column {
  readonly start: number
  readonly seen: readonly Seen[]
}

/** The heat of histograms or distributions by bucket, in at most this many rows. */
export function heatOf(points: ReadonlyMap<number, unknown>, most: number): Heat {
  const columns = Array.from(points, ([start, data]) => ({ start, seen: seenIn(data) }))
  const values = columns.flatMap(({ seen }) => seen.map(({ value }) => value))
  const areNumbers = values.every((value) => typeof value === 'number')
  const starts = columns.map(({ start }) => start)
  return { starts, rows: areNumbers ? rowsOfNumbers(columns, values as number[], most) : rowsOfTexts(columns, most) }
}

function seenIn(data: unknown): Seen[] {
  if (data instanceof Map) return Array.from(data, ([value, times]) => ({ value: plain(value), times }))
  const { bins } = data as Distribution
  return bins.call(data).map(({ from, to, count }) => ({ value: (from + to) / 2, times: count }))
}

function plain(value: unknown): number | string {
  return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : String(value)
}

/** The texts seen most often, most first; the others together. */
function rowsOfTexts(columns: readonly Column[], most: number): Heat['rows'] {
  const sums = new Map<number | string, number>()
  for (const { seen } of columns) for (const { value, times } of seen) sums.set(value, (sums.get(value) ?? 0) + times)
  const ranked = [...sums].sort(([, one], [, other]) => other - one).map(([value]) => value)
  const isCut = ranked.length > most
  const shown = isCut ? ranked.slice(0, most - 1) : ranked
  const rows = shown.map((each) => ({ label: String(each), times: timesOf(columns, (value) => value === each) }))
  return isCut ? [...rows, { label: 'others', times: timesOf(columns, (value) => !shown.includes(value)) }] : rows
}

/** A row for each value where they are few; else ranges of the same width, or of the same ratio where all are above 0 and far apart. */
function rowsOfNumbers(columns: readonly Column[], values: readonly number[], most: number): Heat['rows'] {
  const different = [...new Set(values)].sort((one, other) => one - other)
  if (different.length <= most)
    return different
      .map((each) => ({ label: shownNumber(each), times: timesOf(columns, (value) => value === each) }))
      .reverse()
  const [low, high] = [different[0]!, different.at(-1)!]
  const isWide = low > 0 && high / low > 20
  const edge = (row: number): number =>
    isWide ? low * (high / low) ** (row / most) : low + ((high - low) * row) / most
  return Array.from({ length: most }, (_, row) => {
    const [from, to] = [edge(row), row === most - 1 ? Number.POSITIVE_INFINITY : edge(row + 1)]
    const isIn = (value: number | string): boolean => (value as number) >= from && (value as number) < to
    return { label: shownNumber(Number(from.toPrecision(3))), times: timesOf(columns, isIn) }
  }).reverse()
}

function timesOf(columns: readonly Column[], isIn: (value: number | string) => boolean): number[] {
  return columns.map(({ seen }) => seen.reduce((sum, { value, times }) => (isIn(value) ? sum + times : sum), 0))
}
