import type { Terminal } from '../terminal/terminal.ts'
import { STYLES } from './palette.ts'
import { type Line, leastAndMost, type Size, shownNumber } from './picture.ts'

const LEVELS = '▁▂▃▄▅▆▇█'

/** A row for each line, each on its own scale, with the least, the greatest and the last value. */
export function drawSparks(lines: readonly Line[], { columns }: Size, { style }: Terminal): string[] {
  const margin = Math.max(...lines.map(({ label }) => label.length))
  const rows = lines.map(({ label, points }, index) => {
    const values = points.map(([, value]) => value)
    const there = values.filter((value) => value !== null)
    const [low, high] = leastAndMost(there)
    const text = values.map((value) => (value === null ? ' ' : levelOf(value, low, high))).join('')
    const sums = there.length === 0 ? 'no data' : [low, high, there.at(-1)!].map(shownNumber).join(' ')
    return `${label.padEnd(margin)} ${style(STYLES[index % STYLES.length]!, text.slice(-columns))} ${sums}`
  })
  return [`${' '.repeat(margin)} ${style('dim', 'min max last at the end of each row')}`, ...rows]
}

function levelOf(value: number, low: number, high: number): string {
  const level = high === low ? 0 : Math.round(((value - low) / (high - low)) * (LEVELS.length - 1))
  return LEVELS[level]!
}
