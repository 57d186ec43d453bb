import { RequestError } from '@kairos/events/http'
import { sum } from '../aggregates.ts'
import { eachMade } from '../each-made.ts'
import { type Family, graphiteFunction } from '../graphite-function.ts'
import { type NodeOrTag, nodesKey } from '../nodes.ts'
import { any, many, nodeOrTag, optional, series } from '../params.ts'
import type { Scope } from '../scope.ts'
import { made, mapValues, type Series } from '../series.ts'
import { combined, pathsOf, quotient } from './combine.ts'
import { grouped } from './group.ts'

function share(one: number | null, other: number | null): number | null {
  const found = quotient(one, other)
  return found === null ? null : found * 100
}

function shareOf(series: Series, whole: Series, name: string, scope: Scope): Promise<Series[]> {
  return combined([series, whole], `asPercent(${series.name},${name})`, ([one, other]) => share(one!, other!), scope)
}

async function sumOf(list: readonly Series[], scope: Scope): Promise<Series> {
  return (await combined(list, `sumSeries(${pathsOf(list)})`, sum, scope))[0]!
}

/** Several series added, under the name of their sum; one as it is. */
async function summed(list: readonly Series[], scope: Scope): Promise<Series> {
  return list.length === 1 ? list[0]! : await sumOf(list, scope)
}

/** Of the total of the series that have the same nodes. */
async function byNodes(
  list: readonly Series[],
  totals: readonly Series[],
  nodes: readonly NodeOrTag[],
  scope: Scope,
): Promise<Series[]> {
  const keyOf = (series: Series): string => nodesKey(series, nodes)
  const groups = await grouped(list, keyOf, scope)
  const wholes = await grouped(totals, keyOf, scope)
  const shares: Series[] = []
  for (const key of new Set([...groups.keys(), ...wholes.keys()])) {
    const whole = wholes.has(key) ? await summed(wholes.get(key)!, scope) : undefined
    if (!groups.has(key)) shares.push(empty(whole!, `asPercent(MISSING,${whole!.name})`))
    for (const series of groups.get(key) ?? [])
      if (whole === undefined) shares.push(empty(series, `asPercent(${series.name},MISSING)`))
      else shares.push(...(await shareOf(series, whole, whole.name, scope)))
  }
  return shares
}

function empty(series: Series, name: string): Series {
  return made(series, name, { values: series.values.map(() => null) })
}

const byName = (one: Series, other: Series): number => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0)

async function asPercent(
  list: readonly Series[],
  total: number | readonly Series[] | null,
  nodes: readonly NodeOrTag[],
  scope: Scope,
): Promise<Series[]> {
  if (list.length === 0) return []
  if (nodes.length > 0) {
    if (typeof total === 'number')
      throw new RequestError(400, 'asPercent: total must be None or series if nodes are given')
    return byNodes(list, total ?? list, nodes, scope)
  }
  if (typeof total === 'number')
    return eachMade(list, scope, (series) => [
      made(series, `asPercent(${series.name},${total})`, { values: mapValues(series, (value) => share(value, total)) }),
    ])
  if (total === null) {
    const whole = await sumOf(list, scope)
    return eachMade(list, scope, (series) => shareOf(series, whole, whole.name, scope))
  }
  if (total.length === list.length) {
    const totals = total.toSorted(byName)
    return eachMade(list.toSorted(byName), scope, (series, index) =>
      shareOf(series, totals[index]!, totals[index]!.name, scope),
    )
  }
  if (total.length !== 1)
    throw new RequestError(
      400,
      `asPercent: total must be one series or as many as there are, ${list.length}, not ${total.length}`,
    )
  return eachMade(list, scope, (series) => shareOf(series, total[0]!, total[0]!.name, scope))
}

const asPercentFunction = graphiteFunction({
  group: 'Combine',
  description:
    'Each series as a percentage of a total: a number, one series, as many series, or the sum of all; with nodes, of those that have the same nodes.',
  params: { seriesList: series, total: optional(any, null), nodes: many(nodeOrTag) },
  run: ({ seriesList, total, nodes }, scope) => asPercent(seriesList, total, nodes, scope),
})

export const percentFunctions: Family = { asPercent: asPercentFunction, pct: asPercentFunction }
