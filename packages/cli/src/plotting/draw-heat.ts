import { timeAxis } from './axes.ts'
import { endOf, type Heat, type Size, shownNumber } from './picture.ts'

const SHADES = ' ░▒▓█'

/** How often values were seen: the darker, the more often. Each bucket is as wide as it is long. */
export function drawHeat({ starts, rows }: Heat, zone: string, { columns }: Size): string[] {
  const most = Math.max(...rows.flatMap(({ times }) => times), 0)
  const margin = Math.max(...rows.map(({ label }) => label.length))
  const width = Math.max(starts.length, columns - margin - 2)
  const [first, end] = [starts[0]!, endOf(starts)]
  const columnsOf = Array.from({ length: width }, (_, column) =>
    bucketAt(starts, first + ((column + 0.5) / width) * (end - first)),
  )
  // How long a single bucket is does not show.
  const [axis, labels] = timeAxis(first, starts.length > 1 ? end : first, zone, width)
  return [
    ...rows.map(({ label, times }) =>
      `${label.padStart(margin)} │${columnsOf.map((bucket) => shadeOf(times[bucket]!, most)).join('')}`.trimEnd(),
    ),
    `${' '.repeat(margin)} └${axis}`,
    `${' '.repeat(margin)}  ${labels}`,
    `${' '.repeat(margin)}  ${SHADES[1]} 1  ${SHADES.at(-1)} ${shownNumber(most)} times`,
  ]
}

function bucketAt(starts: readonly number[], moment: number): number {
  const next = starts.findIndex((start) => start > moment)
  return (next === -1 ? starts.length : next) - 1
}

/** What was seen at all is not blank. */
function shadeOf(times: number, most: number): string {
  return times === 0 ? ' ' : SHADES[Math.max(1, Math.ceil((times / most) * (SHADES.length - 1)))]!
}
