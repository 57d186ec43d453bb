import plot from 'simple-ascii-chart'

const WIDTH = 76
const HEIGHT = 12

/** The labels of a plot's axes. */
export interface Axes {
  readonly title: string
  /** Text of a value on the x axis. */
  x(value: number): string
  /** The labelled values of the x axis. */
  readonly ticks: readonly number[]
  readonly unit: string
}

/** A line through the points. */
export function printLine(points: ReadonlyMap<number, number>, axes: Axes): void {
  print(points, axes, 'line')
}

/** A bar for each point. */
export function printBars(points: ReadonlyMap<number, number>, axes: Axes): void {
  print(points, axes, 'bar')
}

function print(points: ReadonlyMap<number, number>, { title, x, ticks, unit }: Axes, mode: 'line' | 'bar'): void {
  const highest = Math.max(...points.values())
  const lowest = Math.min(0, ...points.values())
  const step = niceStep((highest - lowest) / 4)
  const rows = Array.from(
    { length: Math.floor(highest / step) - Math.ceil(lowest / step) + 1 },
    (_, index) => (Math.ceil(lowest / step) + index) * step,
  )
  console.log(
    plot([...points], {
      title: `  ${title} (${unit})`,
      width: WIDTH,
      height: HEIGHT,
      mode,
      yRange: [lowest, highest],
      customXAxisTicks: [...ticks],
      customYAxisTicks: rows,
      formatter: (value, { axis }) => (axis === 'x' ? x(value) : String(Number(value.toFixed(1)))),
    }),
  )
}

/** The next of 1, 2, 5, 10, 20, 50, … that is not smaller. */
function niceStep(least: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(least))
  return ([1, 2, 5, 10].find((factor) => factor * magnitude >= least) ?? 10) * magnitude
}
