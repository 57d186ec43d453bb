import { scaleLinear } from 'd3-scale'
import type { Terminal } from '../terminal/terminal.ts'
import { timeAxis } from './axes.ts'
import { Canvas } from './canvas.ts'
import { MARKS, STYLES } from './palette.ts'
import { type Line, leastAndMost, type Size, shownNumber, startsOf, valuesOf } from './picture.ts'

/** Rows between the labels of the axis of values. */
const GAP = 4

/** Lines over an axis of time, with gaps where there is no data. */
export function drawLines(
  lines: readonly Line[],
  zone: string,
  { columns, rows }: Size,
  { style, hasColours }: Terminal,
): string[] {
  const starts = startsOf(lines)
  const [first, last] = [starts[0]!, starts.at(-1)!]
  const [low, high] = domainOf(valuesOf(lines))
  const scale = scaleLinear([low, high], [rows - 1, 0]).nice(Math.max(2, Math.floor(rows / GAP)))
  const labels = new Map(
    scale.ticks(Math.max(2, Math.floor(rows / GAP))).map((tick) => [Math.round(scale(tick)), shownNumber(tick)]),
  )
  const margin = Math.max(...Array.from(labels.values(), ({ length }) => length))
  const width = Math.max(10, columns - margin - 2)
  // Lines without colours could not be told apart by dots.
  const canvas = new Canvas(width, rows, hasColours || lines.length === 1)
  const x = scaleLinear([first, Math.max(last, first + 1)], [0, canvas.width - 1])
  const y = scaleLinear(scale.domain(), [canvas.height - 1, 0])
  for (const [owner, { points }] of lines.entries()) {
    let before: readonly [x: number, y: number] | undefined
    for (const [start, value] of points) {
      const here = value === null ? undefined : ([Math.round(x(start)), Math.round(y(value))] as const)
      if (here !== undefined) canvas.line(...(before ?? here), ...here, owner)
      before = here
    }
  }
  const paint = (text: string, owner: number): string => style(STYLES[owner % STYLES.length]!, text)
  const [axis, times] = timeAxis(first, last, zone, width)
  return [
    ...Array.from({ length: rows }, (_, row) => {
      const label = labels.get(row)
      return `${(label ?? '').padStart(margin)} ${label === undefined ? '│' : '┤'}${canvas.row(row, MARKS, paint)}`.trimEnd()
    }),
    `${' '.repeat(margin)} └${axis}`,
    `${' '.repeat(margin)}  ${times}`,
    ...(lines.length > 1 ? [legendOf(lines, hasColours, paint)] : []),
  ]
}

/** What the axis of values shows; a single value in the middle of it. */
export function domainOf(values: readonly number[]): [low: number, high: number] {
  const [low, high] = leastAndMost(values)
  if (low > high) return [0, 1]
  if (low === high) return low === 0 ? [0, 1] : [Math.min(0, low * 2), Math.max(0, low * 2)]
  // A line near 0 is easier to read with it.
  return [low > 0 && low < high / 2 ? 0 : low, high]
}

function legendOf(lines: readonly Line[], hasColours: boolean, paint: (text: string, owner: number) => string): string {
  return lines
    .map(({ label }, owner) => `${paint(hasColours ? '━━' : MARKS[owner % MARKS.length]!, owner)} ${label}`)
    .join('   ')
}
