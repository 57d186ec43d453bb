import { type Aggregate, average, last, max, min, variance } from '../aggregates.ts'
import { eachMade } from '../each-made.ts'
import { type Family, graphiteFunction } from '../graphite-function.ts'
import { aggregateFunction, float, integer, oneOf, optional, series, string } from '../params.ts'
import { compilePattern } from '../pattern.ts'
import { enough, present } from '../series.ts'

/** Comparisons; that a series has no value counts as below any number. */
const OPERATORS = {
  '=': (value: number | null, n: number) => value === n,
  '!=': (value: number | null, n: number) => value !== n,
  '>': (value: number | null, n: number) => value !== null && value > n,
  '>=': (value: number | null, n: number) => value !== null && value >= n,
  '<': (value: number | null, n: number) => value === null || value < n,
  '<=': (value: number | null, n: number) => value === null || value <= n,
} as const
type Operator = keyof typeof OPERATORS

function comparing(of: Aggregate, operator: Operator, description: string) {
  return graphiteFunction({
    group: 'Filter Series',
    description,
    params: { seriesList: series, n: float },
    oneByOne: true,
    run: ({ seriesList, n }) => seriesList.filter(({ values }) => OPERATORS[operator](of(values), n)),
  })
}

function matching(wanted: boolean, description: string) {
  return graphiteFunction({
    group: 'Filter Series',
    description,
    params: { seriesList: series, pattern: string },
    anyStep: true,
    run({ seriesList, pattern }, scope) {
      const compiled = compilePattern(pattern, scope)
      return eachMade(seriesList, scope, (series) => (compiled.matches(series.name) === wanted ? [series] : []))
    },
  })
}

export const filterFunctions: Family = {
  averageAbove: comparing(average, '>', 'Only the series whose mean is above n.'),
  averageBelow: comparing(average, '<=', 'Only the series whose mean is at most n.'),
  currentAbove: comparing(last, '>', 'Only the series whose last value is above n.'),
  currentBelow: comparing(last, '<=', 'Only the series whose last value is at most n.'),
  maximumAbove: comparing(max, '>', 'Only the series whose greatest value is above n.'),
  maximumBelow: comparing(max, '<=', 'Only the series whose greatest value is at most n.'),
  minimumAbove: comparing(min, '>', 'Only the series whose least value is above n.'),
  minimumBelow: comparing(min, '<=', 'Only the series whose least value is at most n.'),
  filterSeries: graphiteFunction({
    group: 'Filter Series',
    description: 'Only the series whose aggregation compares with a threshold in this way.',
    params: {
      seriesList: series,
      func: aggregateFunction,
      operator: oneOf(...(Object.keys(OPERATORS) as Operator[])),
      threshold: float,
    },
    oneByOne: true,
    run: ({ seriesList, func, operator, threshold }) =>
      seriesList.filter(({ values }) => OPERATORS[operator](func.of(values), threshold)),
  }),
  grep: matching(true, 'Only the series whose names match a regular expression.'),
  exclude: matching(false, 'Only the series whose names do not match a regular expression.'),
  limit: graphiteFunction({
    group: 'Filter Series',
    description: 'Only the first n series.',
    params: { seriesList: series, n: integer },
    anyStep: true,
    run: ({ seriesList, n }) => seriesList.slice(0, n),
  }),
  mostDeviant: graphiteFunction({
    group: 'Filter Series',
    description: 'Only the n series whose values deviate most from their mean.',
    params: { seriesList: series, n: integer },
    async run({ seriesList, n }, scope) {
      const varying = await eachMade(seriesList, scope, (series) => {
        const found = variance(series.values)
        return found === null ? [] : [{ series, variance: found }]
      })
      return varying
        .sort((one, other) => other.variance - one.variance)
        .slice(0, n)
        .map(({ series }) => series)
    },
  }),
  removeEmptySeries: graphiteFunction({
    group: 'Filter Series',
    description: 'Only the series that have values: at least one, and this share of their points.',
    params: { seriesList: series, xFilesFactor: optional(float, 0) },
    oneByOne: true,
    run: ({ seriesList, xFilesFactor }) =>
      seriesList.filter(({ values }) => enough(present(values).length, values.length, xFilesFactor)),
  }),
}
