import { max, min } from '../aggregates.ts'
import { type Family, graphiteFunction } from '../graphite-function.ts'
import { roundTo, shortNumber } from '../number-text.ts'
import { float, integer, optional, series } from '../params.ts'
import { made, mapValues, type Series } from '../series.ts'

/** A function of each value. */
function ofEach(name: string, description: string, of: (value: number) => number) {
  return graphiteFunction({
    group: 'Transform',
    description,
    params: { seriesList: series },
    oneByOne: true,
    run: ({ seriesList }) =>
      seriesList.map((series) => made(series, `${name}(${series.name})`, { values: mapValues(series, of) })),
  })
}

/** A function of each value and a number. */
function ofEachAnd(
  name: string,
  param: string,
  description: string,
  of: (value: number, number: number, step: number) => number | null,
  anyStep = false,
) {
  return graphiteFunction({
    group: 'Transform',
    description,
    params: { seriesList: series, [param]: float },
    anyStep,
    oneByOne: true,
    run(given) {
      const number = given[param] as number
      return (given.seriesList as readonly Series[]).map((series) =>
        made(series, `${name}(${series.name},${shortNumber(number)})`, {
          values: mapValues(series, (value) => of(value, number, series.step)),
        }),
      )
    },
  })
}

export const mathFunctions: Family = {
  scale: ofEachAnd('scale', 'factor', 'Multiplies values by a factor.', (value, factor) => value * factor, true),
  scaleToSeconds: ofEachAnd(
    'scaleToSeconds',
    'seconds',
    'Converts values to this many seconds, from the time between two points.',
    (value, seconds, step) => roundTo(value * (seconds / step), 6),
  ),
  offset: ofEachAnd('offset', 'factor', 'Adds a number to values.', (value, number) => value + number),
  add: ofEachAnd('add', 'constant', 'Adds a number to values.', (value, number) => value + number),
  pow: ofEachAnd('pow', 'factor', 'Values to a power.', (value, power) => value ** power),
  offsetToZero: graphiteFunction({
    group: 'Transform',
    description: 'Moves each series so that its lowest value is 0.',
    params: { seriesList: series },
    oneByOne: true,
    run: ({ seriesList }) =>
      seriesList.map((series) => {
        const least = min(series.values) ?? 0
        return made(series, `offsetToZero(${series.name})`, { values: mapValues(series, (value) => value - least) })
      }),
  }),
  absolute: ofEach('absolute', 'Values without their sign.', Math.abs),
  invert: ofEach('invert', '1 divided by each value.', (value) => 1 / value),
  squareRoot: ofEach('squareRoot', 'The square root of values.', Math.sqrt),
  exp: ofEach('exp', 'e to the power of values.', Math.exp),
  logit: ofEach('logit', 'log(x / (1 - x)) of values from 0 to 1.', (value) => Math.log(value / (1 - value))),
  sigmoid: ofEach('sigmoid', '1 / (1 + exp(-x)) of values.', (value) => 1 / (1 + Math.exp(-value))),
  log: graphiteFunction({
    group: 'Transform',
    description: 'The logarithm of values, by default to base 10.',
    params: { seriesList: series, base: optional(float, 10) },
    oneByOne: true,
    run: ({ seriesList, base }) =>
      seriesList.map((series) =>
        made(series, `log(${series.name}, ${base})`, {
          values: mapValues(series, (value) => (value > 0 ? Math.log(value) / Math.log(base) : null)),
        }),
      ),
  }),
  round: graphiteFunction({
    group: 'Transform',
    description: 'Rounds values to this many digits; negative numbers are digits before the point.',
    params: { seriesList: series, precision: optional(integer, null) },
    oneByOne: true,
    run: ({ seriesList, precision }) =>
      seriesList.map((series) =>
        made(series, precision === null ? `round(${series.name})` : `round(${series.name},${precision})`, {
          values: mapValues(series, (value) => roundTo(value, precision ?? 0)),
        }),
      ),
  }),
  minMax: graphiteFunction({
    group: 'Transform',
    description: 'Scales values from 0, the lowest of the series, to 1, its highest.',
    params: { seriesList: series },
    oneByOne: true,
    run: ({ seriesList }) =>
      seriesList.map((series) => {
        const [least, most] = [min(series.values) ?? 0, max(series.values) ?? 0]
        const values = mapValues(series, (value) => (most === least ? 0 : (value - least) / (most - least)))
        return made(series, `minMax(${series.name})`, { values })
      }),
  }),
}
