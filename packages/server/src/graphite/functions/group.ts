import { RequestError } from '@kairos/events/http'
import { eachMade } from '../each-made.ts'
import { replaceTexts } from '../expression.ts'
import { type Family, graphiteFunction } from '../graphite-function.ts'
import { type NodeOrTag, nodesKey } from '../nodes.ts'
import {
  aggregateFunction,
  integer,
  many,
  type NamedAggregate,
  node,
  nodeOrTag,
  optional,
  series,
  seriesFunction,
  seriesLists,
  string,
  tag,
} from '../params.ts'
import { parseTarget } from '../parse-target.ts'
import type { Scope } from '../scope.ts'
import { type Series, tagOf, tagsOf } from '../series.ts'
import { aggregated, named } from './combine.ts'

/** Series by their keys, each of which may be a part of a name that has to be parsed. */
export async function grouped(
  list: readonly Series[],
  keyOf: (series: Series) => string,
  scope: Pick<Scope, 'turn'>,
): Promise<Map<string, Series[]>> {
  const groups = new Map<string, Series[]>()
  for (const [key, series] of await eachMade(list, scope, (series) => [[keyOf(series), series] as const])) {
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [series])
    else group.push(series)
  }
  return groups
}

/** One series of each group, under the group's key. */
async function groupsAs(
  list: readonly Series[],
  keyOf: (series: Series) => string,
  by: NamedAggregate,
  scope: Scope,
): Promise<Series[]> {
  const made: Series[] = []
  for (const [name, group] of await grouped(list, keyOf, scope))
    for (const series of await aggregated(group, by, scope)) made.push({ ...series, name })
  return made
}

function byNodes(
  list: readonly Series[],
  nodes: readonly NodeOrTag[],
  by: NamedAggregate,
  scope: Scope,
): Promise<Series[]> {
  return groupsAs(list, (series) => nodesKey(series, nodes), by, scope)
}

function withoutNodes(
  list: readonly Series[],
  positions: readonly number[],
  by: NamedAggregate,
  scope: Scope,
): Promise<Series[]> {
  const keyOf = ({ name }: Series): string =>
    name
      .split('.')
      .filter((_, index) => !positions.includes(index))
      .join('.')
  return groupsAs(list, keyOf, by, scope)
}

function withWildcards(aggregate: string, description: string) {
  return graphiteFunction({
    group: 'Combine',
    description,
    params: { seriesList: series, position: many(node) },
    run: ({ seriesList, position }, scope) => withoutNodes(seriesList, position, named(aggregate), scope),
  })
}

const byTag = (one: string, other: string): number => (one < other ? -1 : 1)

const mapSeries = graphiteFunction({
  group: 'Combine',
  description: 'Lists of the series that have the same nodes, for reduceSeries.',
  params: { seriesList: series, mapNodes: many(nodeOrTag, 1) },
  run: async ({ seriesList, mapNodes }, scope) => [
    ...(await grouped(seriesList, (series) => nodesKey(series, mapNodes), scope)).values(),
  ],
})

const reduceSeries = graphiteFunction({
  group: 'Combine',
  description:
    'Calls a function with the series of each list of mapSeries whose node is one of these texts, in their order.',
  params: { seriesLists, reduceFunction: string, reduceNode: node, reduceMatchers: many(string, 1) },
  async run({ seriesLists, reduceFunction, reduceNode, reduceMatchers }, scope) {
    const groups = Map.groupBy(
      seriesLists.flat().filter(({ name }) => reduceMatchers.includes(name.split('.').at(reduceNode) ?? '')),
      ({ name }) => `${name.split('.').slice(0, reduceNode).join('.')}.reduce.${reduceFunction}`,
    )
    const reduced: Series[] = []
    for (const [key, group] of groups) {
      const lists = reduceMatchers.map((text) => group.filter(({ name }) => name.split('.').at(reduceNode) === text))
      const [first] = await scope.call(reduceFunction, lists)
      if (first !== undefined) reduced.push({ ...first, name: key })
    }
    return reduced
  },
})

export const groupFunctions: Family = {
  groupByNode: graphiteFunction({
    group: 'Combine',
    description: 'One series for each text at a node of the names, by an aggregation.',
    params: { seriesList: series, nodeNum: nodeOrTag, callback: optional(seriesFunction, named('average')) },
    run: ({ seriesList, nodeNum, callback }, scope) => byNodes(seriesList, [nodeNum], callback, scope),
  }),
  groupByNodes: graphiteFunction({
    group: 'Combine',
    description: 'One series for each combination of texts at some nodes of the names, by an aggregation.',
    params: { seriesList: series, callback: seriesFunction, nodes: many(nodeOrTag, 1) },
    run: ({ seriesList, callback, nodes }, scope) => byNodes(seriesList, nodes, callback, scope),
  }),
  groupByTags: graphiteFunction({
    group: 'Combine',
    description: 'One series for each combination of values of some tags, by an aggregation.',
    params: { seriesList: series, callback: seriesFunction, tags: many(tag, 1) },
    async run({ seriesList, callback, tags }, scope) {
      const names = new Set(seriesList.map((series) => tagOf(series, 'name')))
      const shared = names.size === 1 ? [...names][0]! : callback.name
      const wanted = tags.filter((tag) => tag !== 'name')
      const keyOf = (series: Series): string => {
        const pairs = wanted.map((tag) => `${tag}=${tagOf(series, tag)}`).sort(byTag)
        return [tags.includes('name') ? tagOf(series, 'name') : shared, ...pairs].join(';')
      }
      return (await groupsAs(seriesList, keyOf, callback, scope)).map((series) => ({
        ...series,
        path: series.name,
        tags: tagsOf(series.name),
      }))
    },
  }),
  aggregateWithWildcards: graphiteFunction({
    group: 'Combine',
    description:
      'One series of those that have the same names without the nodes at these positions, by an aggregation.',
    params: { seriesList: series, func: aggregateFunction, position: many(node) },
    run: ({ seriesList, func, position }, scope) => withoutNodes(seriesList, position, func, scope),
  }),
  sumSeriesWithWildcards: withWildcards(
    'sum',
    'Adds the series that have the same names without the nodes at these positions.',
  ),
  averageSeriesWithWildcards: withWildcards(
    'average',
    'The mean of the series that have the same names without the nodes at these positions.',
  ),
  multiplySeriesWithWildcards: withWildcards(
    'multiply',
    'Multiplies the series that have the same names without the nodes at these positions.',
  ),
  mapSeries,
  map: mapSeries,
  reduceSeries,
  reduce: reduceSeries,
  applyByNode: graphiteFunction({
    group: 'Combine',
    description: 'A target for each beginning of the names up to a node, which takes the place of % in it.',
    params: { seriesList: series, nodeNum: integer, templateFunction: string, newName: optional(string, null) },
    async run({ seriesList, nodeNum, templateFunction, newName }, scope) {
      const beginnings = seriesList.map(({ name }) =>
        name
          .split('.')
          .slice(0, nodeNum + 1)
          .join('.'),
      )
      const template = parseTarget(templateFunction)
      if (template.kind === 'literal') throw new RequestError(400, 'applyByNode: templateFunction must be a target')
      const applied: Series[] = []
      for (const beginning of [...new Set(beginnings)].sort()) {
        // Into what was parsed: a name cannot become a part of the target's syntax.
        const target = replaceTexts(template, (text) => text.replaceAll('%', () => beginning))
        for (const series of await scope.evaluate(target)) {
          const name = newName?.replaceAll('%', () => beginning) ?? series.name
          scope.spend(name.length)
          applied.push({ ...series, name, path: beginning })
        }
      }
      return applied
    },
  }),
}
