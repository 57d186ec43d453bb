import { average } from '../aggregates.ts'
import { AT_ONCE } from '../aligned.ts'
import { eachMade } from '../each-made.ts'
import { type Family, graphiteFunction } from '../graphite-function.ts'
import { roundTo } from '../number-text.ts'
import {
  defaultAggregate,
  float,
  intOrInterval,
  type NamedAggregate,
  optional,
  positive,
  series,
  source,
  type Window,
} from '../params.ts'
import type { Scope, Source } from '../scope.ts'
import { enough, finite, made, present, type Series } from '../series.ts'
import { named } from './combine.ts'

/** A series from before the time that is asked for, and how many of its points a window has. */
interface Led {
  readonly series: Series
  readonly points: number
}

/** What a moving window needs: the series with as much before them as the window is long. */
async function withLead(seriesList: Source, window: Window, { range }: Scope): Promise<Led[]> {
  const { start, end } = range
  if ('seconds' in window) {
    const list = await seriesList.at({ start: start - window.seconds, end })
    // At least one point: a window shorter than the step of the data shows them as they are.
    return list.map((series) => ({ series, points: Math.max(1, Math.floor(window.seconds / series.step)) }))
  }
  const step = (await seriesList.at()).reduce((most, series) => Math.max(most, series.step), 0)
  if (step === 0) return []
  const list = await seriesList.at({ start: start - step * window.points, end })
  return list.map((series) => ({ series, points: window.points }))
}

/** Where the lead ends. */
function behindLead({ series: { start, step }, points }: Led, values: (number | null)[]): Partial<Series> {
  return { start: start + points * step, values }
}

const title = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()

async function moving(
  seriesList: Source,
  window: Window,
  { name, of }: NamedAggregate,
  xFilesFactor: number | null,
  scope: Scope,
): Promise<Series[]> {
  const moved: Series[] = []
  for (const led of await withLead(seriesList, window, scope)) {
    const { series, points } = led
    scope.spend(points * series.values.length)
    await scope.turn()
    const values: (number | null)[] = []
    const atOnce = Math.ceil(AT_ONCE / points)
    for (let behind = points + 1; behind <= series.values.length; behind++) {
      if (behind % atOnce === 0) await scope.turn()
      const there = present(series.values.slice(behind - points, behind))
      values.push(enough(there.length, points, xFilesFactor ?? series.xFilesFactor) ? finite(of(there)) : null)
    }
    moved.push(made(series, `moving${title(name)}(${series.name},${window.text})`, behindLead(led, values)))
  }
  return moved
}

const movingParams = { seriesList: source, windowSize: intOrInterval, xFilesFactor: optional(float, null) }

function movingBy(aggregate: string, description: string) {
  return graphiteFunction({
    group: 'Calculate',
    description,
    params: movingParams,
    run: ({ seriesList, windowSize, xFilesFactor }, scope) =>
      moving(seriesList, windowSize, named(aggregate), xFilesFactor, scope),
  })
}

/** The standard deviation of the last points at each, from running sums. */
function deviations({ values }: Series, points: number, tolerance: number): (number | null)[] {
  let [count, sum, squares] = [0, 0, 0]
  return values.map((value, at) => {
    const dropped = values[at - points] ?? null
    if (dropped !== null) {
      count--
      sum -= dropped
      squares -= dropped ** 2
    }
    if (value !== null) {
      count++
      sum += value
      squares += value ** 2
    }
    if (count === 0 || count / points < tolerance) return null
    return finite(Math.sqrt(count * squares - sum ** 2) / count)
  })
}

export const movingFunctions: Family = {
  movingWindow: graphiteFunction({
    group: 'Calculate',
    description: 'At each point, an aggregation of the last values: a number of them, or those of a span.',
    params: {
      seriesList: source,
      windowSize: intOrInterval,
      func: defaultAggregate('average'),
      xFilesFactor: optional(float, null),
    },
    run: ({ seriesList, windowSize, func, xFilesFactor }, scope) =>
      moving(seriesList, windowSize, func, xFilesFactor, scope),
  }),
  movingAverage: movingBy(
    'average',
    'At each point, the mean of the last values: a number of them, or those of a span.',
  ),
  movingMedian: movingBy(
    'median',
    'At each point, the median of the last values: a number of them, or those of a span.',
  ),
  movingSum: movingBy('sum', 'At each point, the sum of the last values: a number of them, or those of a span.'),
  movingMin: movingBy('min', 'At each point, the lowest of the last values: a number of them, or those of a span.'),
  movingMax: movingBy('max', 'At each point, the highest of the last values: a number of them, or those of a span.'),
  exponentialMovingAverage: graphiteFunction({
    group: 'Calculate',
    description: 'At each point, a mean of all values up to it in which recent ones weigh more.',
    params: { seriesList: source, windowSize: intOrInterval },
    async run({ seriesList, windowSize }, scope) {
      return eachMade(await withLead(seriesList, windowSize, scope), scope, (led) => {
        const { series, points } = led
        const weight = 2 / (('seconds' in windowSize ? windowSize.seconds : windowSize.points) + 1)
        let mean = average(series.values.slice(0, points)) ?? 0
        const values = series.values.slice(points).map((value) => {
          if (value !== null) mean = weight * value + (1 - weight) * mean
          return value === null ? null : roundTo(mean, 6)
        })
        const name = `exponentialMovingAverage(${series.name},${windowSize.text})`
        return [made(series, name, behindLead(led, values))]
      })
    },
  }),
  stdev: graphiteFunction({
    group: 'Calculate',
    description:
      'At each point, the standard deviation of the last values, if at least the share windowTolerance of them is present.',
    params: { seriesList: series, points: positive, windowTolerance: optional(float, 0.1) },
    oneByOne: true,
    run: ({ seriesList, points, windowTolerance }) =>
      seriesList.map((series) =>
        made(series, `stdev(${series.name},${points})`, { values: deviations(series, points, windowTolerance) }),
      ),
  }),
}
