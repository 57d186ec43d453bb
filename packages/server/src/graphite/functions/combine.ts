import { RequestError } from '@kairos/events/http'
import { type Aggregate, aggregateNamed, plainAggregate } from '../aggregates.ts'
import { align, mapRows } from '../aligned.ts'
import { eachMade } from '../each-made.ts'
import { type Family, graphiteFunction } from '../graphite-function.ts'
import { nodesKey } from '../nodes.ts'
import { floatText, shortNumber } from '../number-text.ts'
import { aggregateFunction, boolean, float, many, type NamedAggregate, nodeOrTag, optional, series } from '../params.ts'
import type { Scope } from '../scope.ts'
import { enough, finite, made, present, type Series } from '../series.ts'
import { percentileOf } from './percentile.ts'

/** The paths that series came from, each once, in order. */
export function pathsOf(list: readonly Series[]): string {
  return [...new Set(list.map(({ path }) => path))].join(',')
}

/** Those that all of them have. */
function sharedTags(list: readonly Series[]): Record<string, string> {
  const [first, ...others] = list
  const shared = Object.entries(first!.tags).filter(([tag, value]) => others.every(({ tags }) => tags[tag] === value))
  return Object.fromEntries(shared)
}

/** A series made of the values of several at each point; nothing of nothing. */
export async function combined(
  list: readonly Series[],
  name: string,
  make: (row: readonly (number | null)[]) => number | null,
  scope: Scope,
): Promise<Series[]> {
  const aligned = await align(list, scope)
  if (aligned === null) return []
  const { start, end, step } = aligned
  const values = await mapRows(aligned, (row) => finite(make(row)), scope)
  const tags = sharedTags(list)
  tags.name ??= name
  return [made(list[0]!, name, { start, end, step, values, tags })]
}

/** Several series as one, by an aggregation. */
export async function aggregated(
  list: readonly Series[],
  { name, of }: NamedAggregate,
  scope: Scope,
  xFilesFactor?: number,
): Promise<Series[]> {
  const plain = plainAggregate(name)
  const needed = xFilesFactor ?? list[0]?.xFilesFactor ?? 0
  const make: Aggregate = (row) => (enough(present(row).length, row.length, needed) ? of(row) : null)
  const made = await combined(list, `${plain}Series(${pathsOf(list)})`, make, scope)
  return made.map((series) => ({ ...series, tags: { ...series.tags, aggregatedBy: plain } }))
}

export function named(name: string): NamedAggregate {
  return { name, of: aggregateNamed(name)! }
}

/** A function that makes one series of all that it is given. */
function combining(aggregate: string, description: string) {
  return graphiteFunction({
    group: 'Combine',
    description,
    params: { seriesLists: many(series, 1) },
    anyStep: ['sum', 'average', 'min', 'max', 'diff'].includes(aggregate),
    run: ({ seriesLists }, scope) => aggregated(seriesLists.flat(), named(aggregate), scope),
  })
}

const pairParams = { seriesListFirstPos: series, seriesListSecondPos: series }

/** The first of one list with the first of the other, and so on. */
async function inPairs(
  first: readonly Series[],
  second: readonly Series[],
  make: (pair: readonly [Series, Series]) => Promise<Series[]>,
  scope: Scope,
): Promise<Series[]> {
  if (first.length !== second.length)
    throw new RequestError(400, `both lists must have as many series, not ${first.length} and ${second.length}`)
  return eachMade(first, scope, (series, index) => make([series, second[index]!]))
}

function aggregatedPairs(
  first: readonly Series[],
  second: readonly Series[],
  by: NamedAggregate,
  scope: Scope,
  xFilesFactor?: number,
): Promise<Series[]> {
  const combine = async (pair: readonly [Series, Series]): Promise<Series[]> => {
    const name = `${plainAggregate(by.name)}Series(${pair[0].name},${pair[1].name})`
    return (await aggregated(pair, by, scope, xFilesFactor)).map((series) => ({ ...series, name }))
  }
  return inPairs(first, second, combine, scope)
}

function combiningPairs(aggregate: string, description: string) {
  return graphiteFunction({
    group: 'Combine',
    description,
    params: pairParams,
    run: ({ seriesListFirstPos, seriesListSecondPos }, scope) =>
      aggregatedPairs(seriesListFirstPos, seriesListSecondPos, named(aggregate), scope),
  })
}

export function quotient(one: number | null, other: number | null): number | null {
  return one === null || other === null || other === 0 ? null : one / other
}

function divided(dividend: Series, divisor: Series, scope: Scope): Promise<Series[]> {
  const name = `divideSeries(${dividend.name},${divisor.name})`
  return combined([dividend, divisor], name, ([one, other]) => quotient(one!, other!), scope)
}

const sumSeries = combining('sum', 'Adds series: at each point the sum of their values.')
const averageSeries = combining('average', 'The mean of the values of series at each point.')

export const combineFunctions: Family = {
  aggregate: graphiteFunction({
    group: 'Combine',
    description: 'Combines several series into one, by an aggregation such as sum, average, min, max or median.',
    params: { seriesList: series, func: aggregateFunction, xFilesFactor: optional(float, null) },
    run: ({ seriesList, func, xFilesFactor }, scope) => aggregated(seriesList, func, scope, xFilesFactor ?? undefined),
  }),
  aggregateSeriesLists: graphiteFunction({
    group: 'Combine',
    description: 'Combines the first series of one list with the first of the other, and so on, by an aggregation.',
    params: { ...pairParams, func: aggregateFunction, xFilesFactor: optional(float, null) },
    run: ({ seriesListFirstPos, seriesListSecondPos, func, xFilesFactor }, scope) =>
      aggregatedPairs(seriesListFirstPos, seriesListSecondPos, func, scope, xFilesFactor ?? undefined),
  }),
  sumSeries,
  sum: sumSeries,
  averageSeries,
  avg: averageSeries,
  minSeries: combining('min', 'The least of the values of series at each point.'),
  maxSeries: combining('max', 'The greatest of the values of series at each point.'),
  diffSeries: combining('diff', 'The first series less all others.'),
  stddevSeries: combining('stddev', 'The standard deviation of the values of series at each point.'),
  rangeOfSeries: combining('rangeOf', 'The greatest of the values of series at each point, less the least.'),
  multiplySeries: graphiteFunction({
    group: 'Combine',
    description: 'Multiplies series: a point where one has no value has none.',
    params: { seriesLists: many(series, 1) },
    run({ seriesLists }, scope) {
      const list = seriesLists.flat()
      return list.length === 1 ? list : aggregated(list, named('multiply'), scope)
    },
  }),
  sumSeriesLists: combiningPairs('sum', 'Adds the first series of both lists, the second of both, and so on.'),
  diffSeriesLists: combiningPairs('diff', 'The first series of one list less the first of the other, and so on.'),
  multiplySeriesLists: combiningPairs(
    'multiply',
    'Multiplies the first series of both lists, the second of both, and so on.',
  ),
  countSeries: graphiteFunction({
    group: 'Combine',
    description: 'How many series there are.',
    params: { seriesLists: many(series) },
    run({ seriesLists }, scope) {
      const list = seriesLists.flat()
      if (seriesLists.length > 0) return combined(list, `countSeries(${pathsOf(list)})`, (row) => row.length, scope)
      return [{ ...constantLine(0, '0', scope), path: 'countSeries()' }]
    },
  }),
  percentileOfSeries: graphiteFunction({
    group: 'Combine',
    description: 'The percentile n of the values of series at each point.',
    params: { seriesList: series, n: float, interpolate: optional(boolean, false) },
    run({ seriesList, n, interpolate }, scope) {
      if (n <= 0) throw new RequestError(400, `percentileOfSeries: n must be more than 0, not ${n}`)
      const name = `percentileOfSeries(${seriesList[0]?.path},${shortNumber(n)})`
      return combined(seriesList, name, (row) => percentileOf(present(row), n, interpolate), scope)
    },
  }),
  divideSeries: graphiteFunction({
    group: 'Combine',
    description: 'Divides each series by the one series of the second argument.',
    params: { dividendSeriesList: series, divisorSeries: series },
    run({ dividendSeriesList, divisorSeries }, scope) {
      const [divisor, another] = divisorSeries
      if (another !== undefined)
        throw new RequestError(400, `divideSeries: divisorSeries must be one series, not ${divisorSeries.length}`)
      if (divisor !== undefined) return eachMade(dividendSeriesList, scope, (series) => divided(series, divisor, scope))
      return dividendSeriesList.map((series) =>
        made(series, `divideSeries(${series.name},MISSING)`, { values: series.values.map(() => null) }),
      )
    },
  }),
  divideSeriesLists: graphiteFunction({
    group: 'Combine',
    description: 'Divides the first series of one list by the first of the other, and so on.',
    params: { dividendSeriesList: series, divisorSeriesList: series },
    run: ({ dividendSeriesList, divisorSeriesList }, scope) =>
      inPairs(dividendSeriesList, divisorSeriesList, ([one, other]) => divided(one, other, scope), scope),
  }),
  powSeries: graphiteFunction({
    group: 'Combine',
    description: 'The first series to the power of the second, and so on.',
    params: { seriesLists: many(series, 1) },
    run({ seriesLists }, scope) {
      const list = seriesLists.flat()
      const power = (row: readonly (number | null)[]): number | null =>
        row.reduce((base, exponent) => (base === null || exponent === null ? null : finite(base ** exponent)))
      return combined(list, `powSeries(${list.map(({ name }) => name).join(',')})`, power, scope)
    },
  }),
  weightedAverage: graphiteFunction({
    group: 'Combine',
    description: 'The mean of series, each weighted by the series of the second list that has the same nodes.',
    params: { seriesListAvg: series, seriesListWeight: series, nodes: many(nodeOrTag) },
    async run({ seriesListAvg, seriesListWeight, nodes }, scope) {
      const averages = new Map(seriesListAvg.map((series) => [nodesKey(series, nodes), series]))
      const products = await eachMade(seriesListWeight, scope, async (weight) => {
        const average = averages.get(nodesKey(weight, nodes))
        if (average === undefined) return []
        const name = `product(${weight.name},${average.name})`
        return combined(
          [average, weight],
          name,
          ([one, other]) => (one === null || other === null ? null : one! * other!),
          scope,
        )
      })
      const [top] = await aggregated(products, named('sum'), scope)
      const [bottom] = await aggregated(seriesListWeight, named('sum'), scope)
      if (top === undefined || bottom === undefined) return []
      const sorted = (list: readonly Series[]): string => [...new Set(list.map(({ path }) => path))].sort().join(',')
      const name = `weightedAverage(${sorted(seriesListAvg)}, ${sorted(seriesListWeight)}, ${nodes.join(',')})`
      return combined([top, bottom], name, ([one, other]) => quotient(one!, other!), scope)
    },
  }),
}

/** A line at one height, of three points. */
export function constantLine(value: number, name: string, { range, xFilesFactor }: Scope): Series {
  const { start, end } = range
  return {
    name,
    path: `constantLine(${floatText(value)})`,
    start,
    end,
    step: Math.max(1, Math.trunc((end - start) / 2)),
    values: [value, value, value],
    consolidation: 'average',
    xFilesFactor,
    tags: { name },
  }
}
