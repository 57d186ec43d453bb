import { timeAxis } from './axes.ts'
import { endOf, type Heat, leastAndMost, type Size, shownNumber } from './picture.ts'

const SHADES = ' ░▒▓█'

/** How often values were seen: the darker, the more often. Each bucket is as wide as it is long. */
export function drawHeat({ starts, rows }: Heat, zone: string, { columns }: Size): string[] {
  const [, most] = leastAndMost(rows.flatMap(({ times }) => times))
  const margin = Math.max(...rows.map(({ label }) => label.length))
  const width = Math.max(starts.length, columns - margin - 2)
  const [first, end] = [starts[0]!, endOf(starts)]
  let bucket = 0
  const buckets = Array.from({ length: width }, (_, column) => {
    const moment = first + ((column + 0.5) / width) * (end - first)
    while (bucket + 1 < starts.length && starts[bucket + 1]! <= moment) bucket++
    return bucket
  })
  // How long a single bucket is does not show.
  const [axis, labels] = timeAxis(first, starts.length > 1 ? end : first, zone, width)
  return [
    ...rows.map(({ label, times }) =>
      `${label.padStart(margin)} │${buckets.map((index) => shadeOf(times[index]!, most)).join('')}`.trimEnd(),
    ),
    `${' '.repeat(margin)} └${axis}`,
    `${' '.repeat(margin)}  ${labels}`,
    `${' '.repeat(margin)}  ${SHADES[1]} 1  ${SHADES.at(-1)} ${shownNumber(most)} times`,
  ]
}

/** What was seen at all is not blank. */
function shadeOf(times: number, most: number): string {
  return times === 0 ? ' ' : SHADES[Math.max(1, Math.ceil((times / most) * (SHADES.length - 1)))]!
}
