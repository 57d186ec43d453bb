import { timeTicks } from './time-ticks.ts'

/** Characters that a label of the axis of time needs, with the space after it. */
const LABEL = 9

/** The axis of time below `columns` characters, of which the first is `first` and the last is `last`. */
export function timeAxis(first: number, last: number, zone: string, columns: number): [line: string, labels: string] {
  const length = Math.max(last - first, 1)
  const line = Array.from({ length: columns }, () => '─')
  let labels = ''
  for (const { at, label } of timeTicks(first, last, zone, Math.max(2, Math.floor(columns / LABEL)))) {
    const column = Math.round(((at - first) / length) * (columns - 1))
    line[column] = '┬'
    // The last one ends where the axis does.
    const left = Math.min(column, columns - label.length)
    if (left > labels.length || labels === '') labels = labels.padEnd(left) + label
  }
  return [line.join(''), labels]
}
