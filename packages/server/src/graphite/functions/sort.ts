import { type Aggregate, average, last, max, min, sum } from '../aggregates.ts'
import { eachMade } from '../each-made.ts'
import { type Family, graphiteFunction } from '../graphite-function.ts'
import { boolean, defaultAggregate, integer, optional, series } from '../params.ts'
import type { Scope } from '../scope.ts'
import type { Series } from '../series.ts'

/** By an aggregation of their values; series without any count as the least. Equal ones keep their order. */
async function sorted(list: readonly Series[], of: Aggregate, descending: boolean, scope: Scope): Promise<Series[]> {
  const keyed = await eachMade(list, scope, (series) => [
    { series, key: of(series.values) ?? Number.NEGATIVE_INFINITY },
  ])
  const compare = (one: number, other: number): number => (one === other ? 0 : one < other ? -1 : 1)
  keyed.sort((one, other) => (descending ? compare(other.key, one.key) : compare(one.key, other.key)))
  return keyed.map(({ series }) => series)
}

function firstBy(of: Aggregate, descending: boolean, description: string) {
  return graphiteFunction({
    group: 'Filter Series',
    description,
    params: { seriesList: series, n: integer },
    run: async ({ seriesList, n }, scope) => (await sorted(seriesList, of, descending, scope)).slice(0, Math.max(0, n)),
  })
}

function firstOf(descending: boolean, description: string) {
  return graphiteFunction({
    group: 'Filter Series',
    description,
    params: { seriesList: series, n: optional(integer, 1), func: defaultAggregate('average') },
    run: async ({ seriesList, n, func }, scope) =>
      (await sorted(seriesList, func.of, descending, scope)).slice(0, Math.max(0, n)),
  })
}

/** Names with their numbers as of one length, so that host10 comes after host9. */
function naturalKey(name: string): string {
  return name.replace(/\d+/g, (digits) => digits.padStart(10, '0'))
}

export const sortFunctions: Family = {
  highest: firstOf(true, 'Only the n series with the greatest values by an aggregation, greatest first.'),
  lowest: firstOf(false, 'Only the n series with the least values by an aggregation, least first.'),
  highestAverage: firstBy(average, true, 'Only the n series with the greatest means.'),
  highestCurrent: firstBy(last, true, 'Only the n series with the greatest last values.'),
  highestMax: firstBy(max, true, 'Only the n series with the greatest maxima.'),
  lowestAverage: firstBy(average, false, 'Only the n series with the least means.'),
  lowestCurrent: firstBy(last, false, 'Only the n series with the least last values.'),
  sortBy: graphiteFunction({
    group: 'Sorting',
    description: 'Series by an aggregation of their values, lowest first unless reverse.',
    params: { seriesList: series, func: defaultAggregate('average'), reverse: optional(boolean, false) },
    run: ({ seriesList, func, reverse }, scope) => sorted(seriesList, func.of, reverse, scope),
  }),
  sortByName: graphiteFunction({
    group: 'Sorting',
    description: 'Series by name; natural: host10 after host9.',
    params: { seriesList: series, natural: optional(boolean, false), reverse: optional(boolean, false) },
    anyStep: true,
    run({ seriesList, natural, reverse }) {
      const keyed = seriesList.map((series) => ({ series, key: natural ? naturalKey(series.name) : series.name }))
      const sign = reverse ? -1 : 1
      keyed.sort((one, other) => (one.key === other.key ? 0 : one.key < other.key ? -sign : sign))
      return keyed.map(({ series }) => series)
    },
  }),
  sortByTotal: graphiteFunction({
    group: 'Sorting',
    description: 'Series by the sum of their values, highest first.',
    params: { seriesList: series },
    run: ({ seriesList }, scope) => sorted(seriesList, sum, true, scope),
  }),
  sortByMaxima: graphiteFunction({
    group: 'Sorting',
    description: 'Series by their highest value, highest first.',
    params: { seriesList: series },
    run: ({ seriesList }, scope) => sorted(seriesList, max, true, scope),
  }),
  sortByMinima: graphiteFunction({
    group: 'Sorting',
    description: 'Series that have a value above 0, by their lowest value, lowest first.',
    params: { seriesList: series },
    async run({ seriesList }, scope) {
      const above = await eachMade(seriesList, scope, (series) => ((max(series.values) ?? 0) > 0 ? [series] : []))
      return sorted(above, min, false, scope)
    },
  }),
}
