import { firstPath } from './expression.ts'
import { parseTarget } from './parse-target.ts'
import { type Series, tagOf } from './series.ts'

/** Which part of a name: the number of a node, from the end if negative, or a tag. */
export type NodeOrTag = number | string

/** The nodes of a series' name, joined by dots: for a name that is a call, those of the first path in it. */
export function nodesKey(series: Series, nodes: readonly NodeOrTag[]): string {
  const name = series.name.endsWith(')') ? pathIn(series.name) : series.name
  return nodes.map((node) => nodeOf(series, name, node)).join('.')
}

function nodeOf(series: Series, name: string, node: NodeOrTag): string {
  const found = typeof node === 'number' ? name.split(';', 1)[0]!.split('.').at(node) : undefined
  return found ?? tagOf(series, String(node))
}

/** Names are anybody's text: one that only looks like a call is a name. */
function pathIn(name: string): string {
  try {
    return firstPath(parseTarget(name)) ?? name
  } catch {
    return name
  }
}
