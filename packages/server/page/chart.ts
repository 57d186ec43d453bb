import uPlot from 'uplot'
import { colourOf, styleColour } from './dom.ts'
import { heatData, heatOptions } from './heat.ts'
import type { Shown } from './lines.ts'

/** What a chart says to the page. */
export interface ChartEvents {
  /** A stretch was marked with the pointer. */
  zoom(start: number, end: number): void
}

const HEIGHT = 360

/** How times are written, by the distance of ticks: usually; and where a year, month, day, hour, minute or second begins. */
const TIMES: uPlot.Axis.Values = [
  [31_536_000, '{YYYY}', null, null, null, null, null, null, 1],
  [2_419_200, '{MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [86_400, '{D} {MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', '\n{D} {MMM} {YYYY}', null, '\n{D} {MMM}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{D} {MMM} {YYYY}', null, '\n{D} {MMM}', null, null, null, 1],
]

/** Draws what is shown into a box; returns the chart. */
export function draw(box: HTMLElement, shown: Shown, zone: string, events: ChartEvents): uPlot {
  const width = Math.max(240, box.clientWidth)
  const axis = {
    stroke: styleColour('--text'),
    grid: { stroke: styleColour('--grid') },
    ticks: { stroke: styleColour('--line') },
  }
  const shared: uPlot.Options = {
    width,
    height: HEIGHT,
    series: [{ label: 'Time', value: '{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}' }],
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    scales: { x: { range: [shown.start, shown.end] } },
    axes: [
      { ...axis, space: 70, values: TIMES },
      { ...axis, size: 60, values: (_, values) => values.map(shortNumber) },
    ],
    // The page reads finer data for what is marked, so the chart itself does not zoom.
    cursor: { drag: { x: true, y: false, setScale: false } },
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width } = plot.select
          if (width < 4) return
          events.zoom(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'))
        },
      ],
    },
  }
  box.replaceChildren()
  if (shown.heat !== null) return new uPlot(heatOptions(shared, shown.heat), heatData(shown.heat), box)
  const series = shown.lines.map(({ label, colour, compared }) => ({
    label,
    stroke: colourOf(colour),
    width: compared ? 1 : 2,
    ...(compared && { dash: [6, 4] }),
    // A single point between holes is not a line.
    points: { show: true, size: 5, filter: singles },
    value: (_: uPlot, value: number | null) => (value === null || value === undefined ? '–' : shortNumber(value)),
  }))
  return new uPlot({ ...shared, series: [shared.series[0]!, ...series] }, tableOf(shown), box)
}

/** Times, and each line's values at them. */
export function tableOf({ lines }: Shown): [number[], ...(number | null | undefined)[][]] {
  const times = [...new Set(lines.flatMap(({ points }) => [...points.keys()]))].sort((one, other) => one - other)
  return [times, ...lines.map(({ points }) => times.map((time) => points.get(time)))]
}

/** Where a value has a hole on both sides. */
function singles(plot: uPlot, index: number): number[] | null {
  const values = plot.data[index]!
  return [...values.keys()].filter((at) => values[at] != null && values[at - 1] == null && values[at + 1] == null)
}

const PREFIXES = [
  ['G', 1e9],
  ['M', 1e6],
  ['k', 1e3],
] as const

/** A number as an axis has room for it. */
function shortNumber(value: number): string {
  for (const [prefix, size] of PREFIXES)
    if (Math.abs(value) >= size * 10 || (Math.abs(value) >= size && size > 1e3))
      return `${Number((value / size).toPrecision(4))}${prefix}`
  return String(Number(value.toPrecision(6)))
}
