import { average } from '../aggregates.ts'
import { align, mapRows } from '../aligned.ts'
import { eachMade } from '../each-made.ts'
import { type Family, graphiteFunction } from '../graphite-function.ts'
import { shortNumber } from '../number-text.ts'
import { float, series } from '../params.ts'
import type { Scope } from '../scope.ts'
import { made, present, type Series } from '../series.ts'

/** The percentile n of values, by their rank among one more than there are; null of none. */
export function percentileOf(values: readonly number[], n: number, interpolate = false): number | null {
  // Without a comparison to call: a million numbers would stop everything else for as long as a second.
  const sorted = Float64Array.from(values).sort()
  if (sorted.length === 0) return null
  const exact = (n / 100) * (sorted.length + 1)
  const whole = Math.trunc(exact)
  const rank = interpolate ? whole : whole + Math.ceil(exact - whole)
  const at = Math.min(Math.max(rank, 1), sorted.length) - 1
  const found = sorted[at]!
  const next = sorted[rank]
  return interpolate && rank >= 1 && next !== undefined ? found + (exact - whole) * (next - found) : found
}

function spendOn(list: readonly Series[], scope: Scope): void {
  scope.spend(8 * list.reduce((sum, { values }) => sum + values.length, 0))
}

/** Without the values beyond a percentile of the series. */
function cut(name: string, description: string, keeps: (value: number, percentile: number) => boolean) {
  return graphiteFunction({
    group: 'Filter Data',
    description,
    params: { seriesList: series, n: float },
    run({ seriesList, n }, scope) {
      spendOn(seriesList, scope)
      return eachMade(seriesList, scope, (series) => {
        const percentile = percentileOf(present(series.values), n)
        const values = series.values.map((value) =>
          value !== null && percentile !== null && keeps(value, percentile) ? value : null,
        )
        return [made(series, `${name}(${series.name}, ${shortNumber(n)})`, { values })]
      })
    },
  })
}

/** The low and the high percentile: 10 and 90 are the same. */
function bounds(values: readonly number[], n: number): [low: number, high: number] {
  const high = n < 50 ? 100 - n : n
  return [percentileOf(values, 100 - high) ?? 0, percentileOf(values, high) ?? 0]
}

export const percentileFunctions: Family = {
  nPercentile: graphiteFunction({
    group: 'Calculate',
    description: 'A line at the percentile n of each series.',
    params: { seriesList: series, n: float },
    run({ seriesList, n }, scope) {
      spendOn(seriesList, scope)
      return eachMade(seriesList, scope, (series) => {
        const percentile = percentileOf(present(series.values), n)
        if (percentile === null) return []
        return [
          made(series, `nPercentile(${series.name}, ${shortNumber(n)})`, {
            values: series.values.map(() => percentile),
          }),
        ]
      })
    },
  }),
  removeAbovePercentile: cut(
    'removeAbovePercentile',
    'Leaves out the values above the percentile n of each series.',
    (value, percentile) => value <= percentile,
  ),
  removeBelowPercentile: cut(
    'removeBelowPercentile',
    'Leaves out the values below the percentile n of each series.',
    (value, percentile) => value >= percentile,
  ),
  averageOutsidePercentile: graphiteFunction({
    group: 'Filter Series',
    description: 'Only the series whose mean is not between the percentiles n and 100 - n of all means.',
    params: { seriesList: series, n: float },
    async run({ seriesList, n }, scope) {
      const means = await eachMade(seriesList, scope, ({ values }) => [average(values)])
      const [low, high] = bounds(present(means), n)
      return seriesList.filter((_, index) => {
        const mean = means[index]!
        return mean !== null && !(low < mean && mean < high)
      })
    },
  }),
  removeBetweenPercentile: graphiteFunction({
    group: 'Filter Series',
    description: 'Only the series that have a value outside the percentiles n and 100 - n of all series at its point.',
    params: { seriesList: series, n: float },
    async run({ seriesList, n }, scope) {
      const aligned = await align(seriesList, scope)
      if (aligned === null) return []
      spendOn(seriesList, scope)
      const limits = await mapRows(aligned, (row) => bounds(present(row), n), scope)
      return seriesList.filter((_, index) =>
        aligned.columns[index]!.some(
          (value, at) => value !== null && !(limits[at]![0] < value && value < limits[at]![1]),
        ),
      )
    },
  }),
}
