import { type Family, graphiteFunction } from '../graphite-function.ts'
import { floatText, shortNumber } from '../number-text.ts'
import { boolean, defaultAggregate, float, optional, positive, series, string } from '../params.ts'
import type { Scope } from '../scope.ts'
import { made, type Series } from '../series.ts'
import { constantLine } from './combine.ts'

/** A series of the function's own making. */
function generated(name: string, step: number, scope: Scope, valueAt: (seconds: number) => number): Series {
  const { start, end } = scope.range
  const length = Math.ceil((end - start) / step)
  scope.make(length)
  const values: number[] = []
  for (let at = 0; at < length; at++) values.push(valueAt(start + at * step))
  return { ...constantLine(0, name, scope), path: name, step, values }
}

const randomWalk = graphiteFunction({
  group: 'Special',
  description: 'A random line, to try out a dashboard.',
  params: { name: string, step: optional(positive, 60) },
  run({ name, step }, scope) {
    let height = 0
    return [
      generated(name, step, scope, () => {
        const value = height
        height += Math.random() - 0.5
        return value
      }),
    ]
  },
})

const sin = graphiteFunction({
  group: 'Special',
  description: 'The sine of the time in seconds.',
  params: { name: string, amplitude: optional(float, 1), step: optional(positive, 60) },
  run: ({ name, amplitude, step }, scope) => [generated(name, step, scope, (seconds) => Math.sin(seconds) * amplitude)],
})

const time = graphiteFunction({
  group: 'Special',
  description: 'The time in seconds.',
  params: { name: string, step: optional(positive, 60) },
  run: ({ name, step }, scope) => [generated(name, step, scope, (seconds) => seconds)],
})

/** Of a straight line through the values: how much it rises in a second, and how high it is at the epoch. */
function regression({ start, step, values }: Series): { rise: number; height: number } | null {
  let [n, sumI, sumV, sumII, sumIV] = [0, 0, 0, 0, 0]
  for (const [at, value] of values.entries()) {
    if (value === null) continue
    n++
    sumI += at
    sumV += value
    sumII += at * at
    sumIV += at * value
  }
  const denominator = n * sumII - sumI * sumI
  if (denominator === 0) return null
  const rise = (n * sumIV - sumI * sumV) / denominator / step
  return { rise, height: (sumII * sumV - sumIV * sumI) / denominator - rise * start }
}

export const lineFunctions: Family = {
  constantLine: graphiteFunction({
    group: 'Special',
    description: 'A line at a height.',
    params: { value: float },
    run: ({ value }, scope) => [constantLine(value, floatText(value), scope)],
  }),
  threshold: graphiteFunction({
    group: 'Graph',
    description: "A line at a height, with a name; its colour affects only Graphite's images.",
    params: { value: float, label: optional(string, null), color: optional(string, null) },
    run: ({ value, label }, scope) => [constantLine(value, label ?? floatText(value), scope)],
  }),
  aggregateLine: graphiteFunction({
    group: 'Calculate',
    description: 'A line for each series at the height of an aggregation of its values.',
    params: { seriesList: series, func: defaultAggregate('average'), keepStep: optional(boolean, false) },
    oneByOne: true,
    run: ({ seriesList, func, keepStep }, scope) =>
      seriesList.map((series) => {
        const value = func.of(series.values)
        const name = `aggregateLine(${series.name}, ${value === null ? 'None' : shortNumber(value)})`
        const line = keepStep ? series : constantLine(0, name, scope)
        return made(line, name, { values: line.values.map(() => value) })
      }),
  }),
  linearRegression: graphiteFunction({
    group: 'Calculate',
    description: 'A straight line through the values of each series.',
    params: { seriesList: series },
    oneByOne: true,
    run({ seriesList }, { range }) {
      return seriesList.flatMap((series) => {
        const line = regression(series)
        if (line === null) return []
        const values = series.values.map((_, at) => line.height + (series.start + at * series.step) * line.rise)
        return [made(series, `linearRegression(${series.name}, ${range.start}, ${range.end})`, { values })]
      })
    },
  }),
  identity: graphiteFunction({
    group: 'Calculate',
    description: 'The time in seconds, at each minute.',
    params: { name: string },
    run: ({ name }, scope) => [{ ...generated(name, 60, scope, (seconds) => seconds), path: `identity("${name}")` }],
  }),
  randomWalk,
  randomWalkFunction: randomWalk,
  sin,
  sinFunction: sin,
  time,
  timeFunction: time,
}
