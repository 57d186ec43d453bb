import { RequestError } from '@kairos/events/http'
import { quoted } from '../../http/quoted.ts'
import { aggregateNamed } from '../aggregates.ts'
import { eachMade } from '../each-made.ts'
import { type Family, graphiteFunction } from '../graphite-function.ts'
import { nodesKey } from '../nodes.ts'
import { floatText } from '../number-text.ts'
import { integer, many, nodeOrTag, optional, series, string } from '../params.ts'
import { compilePattern } from '../pattern.ts'
import type { Series } from '../series.ts'

const byNodes = (list: readonly Series[], nodes: readonly (number | string)[]): Series[] =>
  list.map((series) => ({ ...series, name: nodesKey(series, nodes) }))

/** The nodes of the innermost name, from `start` on, before `stop`. */
function partOf({ name }: Series, start: number, stop: number): string {
  const close = name.indexOf(')')
  const inner = name.slice(name.lastIndexOf('(') + 1, close < 0 ? undefined : close)
  const nodes = inner.split('.')
  return (stop === 0 ? nodes.slice(start) : nodes.slice(start, stop)).join('.').replace(/,.*$/, '')
}

export const aliasFunctions: Family = {
  alias: graphiteFunction({
    group: 'Alias',
    description: 'Shows series under this name.',
    params: { seriesList: series, newName: string },
    anyStep: true,
    run: ({ seriesList, newName }) => seriesList.map((series) => ({ ...series, name: newName })),
  }),
  aliasByNode: graphiteFunction({
    group: 'Alias',
    description:
      'Shows series under some nodes of their names, counted from 0, or from the end with negative numbers, or under tags.',
    params: { seriesList: series, nodes: many(nodeOrTag) },
    anyStep: true,
    oneByOne: true,
    run: ({ seriesList, nodes }) => byNodes(seriesList, nodes),
  }),
  aliasByTags: graphiteFunction({
    group: 'Alias',
    description: 'Shows series under the values of some of their tags.',
    params: { seriesList: series, tags: many({ ...nodeOrTag, type: 'tag' }) },
    anyStep: true,
    oneByOne: true,
    run: ({ seriesList, tags }) => byNodes(seriesList, tags),
  }),
  aliasByMetric: graphiteFunction({
    group: 'Alias',
    description: 'Shows series under the last node of their names.',
    params: { seriesList: series },
    anyStep: true,
    run: ({ seriesList }) => seriesList.map((series) => ({ ...series, name: partOf(series, -1, 0) })),
  }),
  aliasSub: graphiteFunction({
    group: 'Alias',
    description: 'Replaces what matches a regular expression in names; \\1 is what its first group matched.',
    params: { seriesList: series, search: string, replace: string },
    anyStep: true,
    run({ seriesList, search, replace }, scope) {
      const pattern = compilePattern(search, scope)
      return eachMade(seriesList, scope, (series) => [{ ...series, name: pattern.replace(series.name, replace) }])
    },
  }),
  substr: graphiteFunction({
    group: 'Alias',
    description: 'Shows series under the nodes of their names from start on, before stop.',
    params: { seriesList: series, start: optional(integer, 0), stop: optional(integer, 0) },
    anyStep: true,
    run: ({ seriesList, start, stop }) =>
      seriesList.map((series) => ({ ...series, name: partOf(series, start, stop) })),
  }),
  legendValue: graphiteFunction({
    group: 'Alias',
    description: 'Adds values to names, such as avg, max or last.',
    params: { seriesList: series, valueTypes: many(string, 1) },
    oneByOne: true,
    run: ({ seriesList, valueTypes }) =>
      seriesList.map((series) => {
        const parts = valueTypes.map((type) => {
          const value = aggregateNamed(type)?.(series.values)
          if (value === undefined) throw new RequestError(400, `legendValue: there is no value ${quoted(type)}`)
          return ` (${type}: ${value === null ? 'None' : type === 'count' ? value : floatText(value)})`
        })
        return { ...series, name: series.name + parts.join('') }
      }),
  }),
  upper: graphiteFunction({
    group: 'Alias',
    description: 'Shows names in upper case.',
    params: { seriesList: series },
    anyStep: true,
    run: ({ seriesList }) => seriesList.map((series) => ({ ...series, name: series.name.toUpperCase() })),
  }),
  lower: graphiteFunction({
    group: 'Alias',
    description: 'Shows names in lower case.',
    params: { seriesList: series },
    anyStep: true,
    run: ({ seriesList }) => seriesList.map((series) => ({ ...series, name: series.name.toLowerCase() })),
  }),
}
