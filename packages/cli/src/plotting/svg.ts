import { scaleLinear } from 'd3-scale'
import { line } from 'd3-shape'
import { domainOf } from './draw-lines.ts'
import { COLOURS } from './palette.ts'
import { endOf, type Heat, type Line, leastAndMost, type Picture, shownNumber, startsOf, valuesOf } from './picture.ts'
import { timeTicks } from './time-ticks.ts'

const WIDTH = 960
const HEIGHT = 400
const MARGIN = { top: 36, right: 20, bottom: 52, left: 84 }
/** What is within the axes. */
const AREA = { left: MARGIN.left, right: WIDTH - MARGIN.right, top: MARGIN.top, bottom: HEIGHT - MARGIN.bottom }

/** A picture as the text of an SVG. */
export function svgOf(picture: Picture): string {
  const body =
    picture.kind === 'heat'
      ? heat(picture.heat, picture.zone)
      : lines(picture.lines, picture.kind === 'bar', picture.zone)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${AREA.left}" y="20" font-weight="bold">${escaped(picture.title)}</text>
${body}
</svg>
`
}

function lines(all: readonly Line[], areBars: boolean, zone: string): string {
  const starts = startsOf(all)
  const [first, last] = [starts[0]!, starts.at(-1)!]
  const end = areBars ? endOf(starts) : Math.max(last, first + 1)
  const x = scaleLinear([first, end], [AREA.left, AREA.right])
  const [low, high] = domainOf([...valuesOf(all), ...(areBars ? [0] : [])])
  const y = scaleLinear([low, high], [AREA.bottom, AREA.top]).nice(5)
  const values = y
    .ticks(5)
    .map(
      (tick) =>
        `<path d="M${AREA.left} ${round(y(tick))}H${AREA.right}" stroke="#ddd"/><text x="${AREA.left - 8}" y="${round(y(tick) + 4)}" text-anchor="end">${shownNumber(tick)}</text>`,
    )
  const drawn = all.map((each, index) =>
    areBars ? bars(each, index, all.length, starts, end, x, y) : path(each, index, x, y),
  )
  return [...values, timeAxis(first, end, zone, x), ...drawn, ...(all.length > 1 ? legend(all) : [])].join('\n')
}

type Scale = (value: number) => number

function path({ points }: Line, index: number, x: Scale, y: Scale): string {
  const make = line<readonly [number, number | null]>(
    ([start]) => x(start),
    ([, value]) => y(value ?? 0),
  )
    .defined(([, value]) => value !== null)
    .digits(1)
  const colour = COLOURS[index % COLOURS.length]
  // A round end, so that a bucket between two gaps is a dot.
  return `<path d="${make(points) ?? ''}" fill="none" stroke="${colour}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/>`
}

function bars(
  { points }: Line,
  index: number,
  count: number,
  starts: readonly number[],
  end: number,
  x: Scale,
  y: Scale,
): string {
  const ends = new Map(starts.map((start, at) => [start, starts[at + 1] ?? end]))
  const rects = points.flatMap(([start, value]) => {
    if (value === null) return []
    const [left, width] = [x(start), ((x(ends.get(start)!) - x(start)) * 0.9) / count]
    const [top, bottom] = [Math.min(y(value), y(0)), Math.max(y(value), y(0))]
    return `<rect x="${round(left + width * index)}" y="${round(top)}" width="${round(width)}" height="${round(bottom - top)}"/>`
  })
  return `<g fill="${COLOURS[index % COLOURS.length]}">${rects.join('')}</g>`
}

function heat({ starts, rows }: Heat, zone: string): string {
  const end = endOf(starts)
  const x = scaleLinear([starts[0]!, end], [AREA.left, AREA.right])
  const height = (AREA.bottom - AREA.top) / rows.length
  const [, most] = leastAndMost(rows.flatMap(({ times }) => times))
  const cells = rows.flatMap(({ label, times }, row) => [
    `<text x="${AREA.left - 8}" y="${round(AREA.top + height * (row + 0.5) + 4)}" text-anchor="end">${escaped(label)}</text>`,
    ...times.flatMap((seen, column) => {
      if (seen === 0) return []
      const [left, right] = [x(starts[column]!), x(starts[column + 1] ?? end)]
      return `<rect x="${round(left)}" y="${round(AREA.top + height * row)}" width="${round(right - left)}" height="${round(height)}" fill="${COLOURS[0]}" fill-opacity="${round(0.1 + (0.9 * seen) / most)}"/>`
    }),
  ])
  return [...cells, timeAxis(starts[0]!, end, zone, x)].join('\n')
}

function timeAxis(first: number, last: number, zone: string, x: Scale): string {
  const ticks = timeTicks(first, last, zone, 10).map(
    ({ at, label }) =>
      `<path d="M${round(x(at))} ${AREA.bottom}v5" stroke="#888"/><text x="${round(x(at))}" y="${AREA.bottom + 18}" text-anchor="middle">${label}</text>`,
  )
  return [`<path d="M${AREA.left} ${AREA.bottom}H${AREA.right}" stroke="#888"/>`, ...ticks].join('\n')
}

function legend(all: readonly Line[]): string[] {
  const width = (AREA.right - AREA.left) / all.length
  return all.map(({ label }, index) => {
    const left = AREA.left + width * index
    return `<rect x="${round(left)}" y="${HEIGHT - 18}" width="12" height="4" fill="${COLOURS[index % COLOURS.length]}"/><text x="${round(left + 18)}" y="${HEIGHT - 12}">${escaped(label)}</text>`
  })
}

function round(number: number): number {
  return Math.round(number * 100) / 100
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** As XML, which has no control characters. */
function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  return text.replace(/[&<>"]/g, (found) => ENTITIES[found]!).replace(/[\u0000-\u001f\ufffe\uffff]/g, '�')
}
