import { max } from '../aggregates.ts'
import { eachMade } from '../each-made.ts'
import { type Family, graphiteFunction } from '../graphite-function.ts'
import { float, many, series, string } from '../params.ts'
import { compilePattern } from '../pattern.ts'
import type { Series } from '../series.ts'

export const listFunctions: Family = {
  group: graphiteFunction({
    group: 'Combine',
    description: 'All series of several lists.',
    params: { seriesLists: many(series) },
    anyStep: true,
    run: ({ seriesLists }) => seriesLists.flat(),
  }),
  unique: graphiteFunction({
    group: 'Filter Series',
    description: 'All series of several lists, each name once.',
    params: { seriesLists: many(series) },
    anyStep: true,
    run: ({ seriesLists }) => {
      const byName = new Map<string, Series>()
      for (const series of seriesLists.flat()) if (!byName.has(series.name)) byName.set(series.name, series)
      return [...byName.values()]
    },
  }),
  fallbackSeries: graphiteFunction({
    group: 'Special',
    description: 'The second list if the first is empty.',
    params: { seriesList: series, fallback: series },
    anyStep: true,
    run: ({ seriesList, fallback }) => (seriesList.length > 0 ? seriesList : fallback),
  }),
  seriesByTag: graphiteFunction({
    group: 'Special',
    description: 'The series whose tags match all expressions: tag=value, tag!=value, tag=~pattern, tag!=~pattern.',
    params: { tagExpressions: many(string, 1) },
    anyStep: true,
    async run({ tagExpressions }, scope) {
      const path = `seriesByTag(${tagExpressions.map((text) => `"${text}"`).join(',')})`
      return (await scope.tagged(tagExpressions)).map((series) => ({ ...series, path }))
    },
  }),
  useSeriesAbove: graphiteFunction({
    group: 'Filter Series',
    description: 'For each series that goes above a value, the one whose name has search replaced.',
    params: { seriesList: series, value: float, search: string, replace: string },
    async run({ seriesList, value, search, replace }, scope) {
      const pattern = compilePattern(search, scope)
      const above = await eachMade(seriesList, scope, (series) =>
        (max(series.values) ?? value) > value ? [series] : [],
      )
      const found: Series[] = []
      for (const { name } of above)
        found.push(...(await scope.evaluate({ kind: 'path', path: pattern.replace(name, replace) })))
      return found
    },
  }),
}
