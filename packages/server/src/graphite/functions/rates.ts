import { type Family, graphiteFunction } from '../graphite-function.ts'
import { roundTo } from '../number-text.ts'
import { float, integer, interval, optional, series } from '../params.ts'
import { finite, made, type Series } from '../series.ts'

/** By how much a counter grew at each point; null where it went back without a known end. */
function growth(
  values: readonly (number | null)[],
  maxValue: number | null,
  minValue: number | null,
): (number | null)[] {
  let previous: number | null = null
  return values.map((value) => {
    const before = previous
    const beyond = value === null || (maxValue !== null && value > maxValue) || (minValue !== null && value < minValue)
    previous = beyond ? null : value
    if (beyond || before === null) return null
    if (value >= before) return value - before
    if (maxValue !== null) return maxValue + 1 + value - before - (minValue ?? 0)
    return minValue === null ? null : value - minValue
  })
}

const counterParams = { seriesList: series, maxValue: optional(float, null), minValue: optional(float, null) }

function running(series: Series, restarts: (at: number) => boolean, holes: boolean): (number | null)[] {
  let sum = 0
  return series.values.map((value, at) => {
    if (restarts(at)) sum = 0
    sum += value ?? 0
    return value === null && holes ? null : finite(sum)
  })
}

function delayed(values: readonly (number | null)[], steps: number): (number | null)[] {
  return values.map((_, at) => values[at - steps] ?? null)
}

export const rateFunctions: Family = {
  derivative: graphiteFunction({
    group: 'Transform',
    description: 'The difference of each value from the one before.',
    params: { seriesList: series },
    oneByOne: true,
    run: ({ seriesList }) =>
      seriesList.map((series) =>
        made(series, `derivative(${series.name})`, {
          values: series.values.map((value, at) => {
            const before = series.values[at - 1] ?? null
            return value === null || before === null ? null : value - before
          }),
        }),
      ),
  }),
  nonNegativeDerivative: graphiteFunction({
    group: 'Transform',
    description:
      'By how much a counter grew. A counter that decreased has restarted: at minValue, or after maxValue, if they are given.',
    params: counterParams,
    oneByOne: true,
    run: ({ seriesList, maxValue, minValue }) =>
      seriesList.map((series) =>
        made(series, `nonNegativeDerivative(${series.name})`, { values: growth(series.values, maxValue, minValue) }),
      ),
  }),
  perSecond: graphiteFunction({
    group: 'Transform',
    description: 'By how much a counter grew per second.',
    params: counterParams,
    oneByOne: true,
    run: ({ seriesList, maxValue, minValue }) =>
      seriesList.map((series) =>
        made(series, `perSecond(${series.name})`, {
          values: growth(series.values, maxValue, minValue).map((value) =>
            value === null ? null : roundTo(value / series.step, 6),
          ),
        }),
      ),
  }),
  integral: graphiteFunction({
    group: 'Transform',
    description: 'The sum of all values up to each point.',
    params: { seriesList: series },
    oneByOne: true,
    run: ({ seriesList }) =>
      seriesList.map((series) =>
        made(series, `integral(${series.name})`, { values: running(series, () => false, true) }),
      ),
  }),
  integralByInterval: graphiteFunction({
    group: 'Transform',
    description: 'The sum of all values up to each point, restarting from 0 in each interval.',
    params: { seriesList: series, intervalUnit: interval },
    oneByOne: true,
    run({ seriesList, intervalUnit }, { range }) {
      const intervalAt = (seconds: number): number => Math.floor((seconds - range.start) / intervalUnit.seconds)
      return seriesList.map((series) => {
        const restarts = (at: number): boolean => {
          const time = series.start + at * series.step
          return intervalAt(time) !== intervalAt(time - series.step)
        }
        const name = `integralByInterval(${series.name},'${intervalUnit.text}')`
        return made(series, name, { values: running(series, restarts, false) })
      })
    },
  }),
  delay: graphiteFunction({
    group: 'Transform',
    description: 'Moves values by this many points.',
    params: { seriesList: series, steps: integer },
    oneByOne: true,
    run: ({ seriesList, steps }) =>
      seriesList.map((series) =>
        made(series, `delay(${series.name},${steps})`, { values: delayed(series.values, steps) }),
      ),
  }),
}
