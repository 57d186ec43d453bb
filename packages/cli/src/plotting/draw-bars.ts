import type { Terminal } from '../terminal/terminal.ts'
import { showTime } from '../times/show-time.ts'
import { STYLES } from './palette.ts'
import { type Line, leastAndMost, type Size, shownNumber, startsOf, valuesOf } from './picture.ts'

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const

/** A bar for each bucket of each line, from 0 to the right; negative values are shown by their size and their sign. */
export function drawBars(lines: readonly Line[], zone: string, { columns }: Size, { style }: Terminal): string[] {
  const values = valuesOf(lines)
  const [, most] = leastAndMost(values.map(Math.abs))
  const starts = startsOf(lines)
  const times = timesOf(starts, zone)
  const labels = lines.length === 1 ? [''] : lines.map(({ label }) => `${label} `)
  const margin = Math.max(...labels.map(({ length }) => length))
  const byStart = lines.map(({ points }) => new Map(points))
  const [, longest] = leastAndMost(values.map((value) => shownNumber(value).length))
  const width = Math.max(5, columns - times[0]!.length - margin - 2 - Math.max(0, longest))
  return starts.flatMap((start, index) =>
    lines.map((_, line) => {
      const value = byStart[line]!.get(start) ?? null
      const time = line === 0 ? times[index]! : ' '.repeat(times[index]!.length)
      const bar =
        value === null ? '' : `${style(STYLES[line % STYLES.length]!, barOf(value, most, width))} ${shownNumber(value)}`
      return `${time} ${labels[line]!.padEnd(margin)}${bar}`.trimEnd()
    }),
  )
}

function barOf(value: number, most: number, width: number): string {
  const eighths = most === 0 ? 0 : Math.round((Math.abs(value) / most) * width * 8)
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!
}

/** Times in full where they need it: the day alone where every bucket begins with one. */
function timesOf(starts: readonly number[], zone: string): string[] {
  const times = starts.map((start) => showTime(start, zone).slice(0, 16).replace('T', ' '))
  return times.every((time) => time.endsWith('00:00')) ? times.map((time) => time.slice(0, 10)) : times
}
