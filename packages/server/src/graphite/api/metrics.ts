import { compareCodePoints } from '@kairos/core/driver'
import { RequestError } from '@kairos/events/http'
import { quoted } from '../../http/quoted.ts'
import type { ServerContext, ServerRequest } from '../../http/route.ts'
import { Budget } from '../budget.ts'
import { allPaths, findNodes, type TreeNode } from '../names.ts'
import { sortedInTurns } from '../sorted.ts'
import { answerOf } from './answer-of.ts'
import { fieldOf, listOf, textOf } from './fields.ts'

/** Patterns of one request to `/metrics/expand`. */
const MOST_QUERIES = 100

function finderOf({ signal }: ServerRequest, { registry, limits }: ServerContext) {
  return { registry, limits, signal, budget: new Budget(limits.maxFunctionCost) }
}

const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1)

/** A node in the tree of Graphite's composer and of Grafana. */
function treeNode(path: string, leaf: boolean): object {
  const branch = leaf ? 0 : 1
  return { text: lastOf(path), id: path, allowChildren: branch, expandable: branch, leaf: 1 - branch }
}

const FORMATS: Readonly<Record<string, (nodes: readonly TreeNode[]) => unknown>> = {
  // Of one that is both, only the branch: from it the series is found too.
  treejson: (nodes) => [
    ...nodes.filter(({ branch }) => branch).map(({ path }) => treeNode(path, false)),
    ...nodes.filter(({ branch }) => !branch).map(({ path }) => treeNode(path, true)),
  ],
  json: (nodes) => nodes.map(({ path, leaf }) => ({ path, is_leaf: leaf })),
  completer: (nodes) => ({
    metrics: nodes.map(({ path, branch }) => ({
      path: branch ? `${path}.` : path,
      name: lastOf(path),
      is_leaf: branch ? '0' : '1',
    })),
  }),
}

/** The answer to `/metrics/find`. */
export async function find(request: ServerRequest, context: ServerContext): Promise<Response> {
  const { fields } = request
  const format = fieldOf(fields, 'format') ?? 'treejson'
  const shown = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined
  if (shown === undefined)
    throw new RequestError(400, `format must be ${Object.keys(FORMATS).join(', ')}, not ${quoted(format)}`)
  const given = textOf(fields, 'query')
  const query = format === 'completer' ? `${given.replaceAll('..', '*.').replace(/\*$/, '')}*` : given
  const nodes = await findNodes(finderOf(request, context), query)
  return Response.json(shown(fieldOf(fields, 'leavesOnly') === '1' ? nodes.filter(({ leaf }) => leaf) : nodes))
}

/** The answer to `/metrics/expand`. */
export async function expand(request: ServerRequest, context: ServerContext): Promise<Response> {
  const { fields } = request
  const leavesOnly = fieldOf(fields, 'leavesOnly') === '1'
  const byQuery = new Map<string, string[]>()
  const queries = listOf(fields, 'query')
  if (queries.length > MOST_QUERIES)
    throw new RequestError(400, `a request must have at most ${MOST_QUERIES} queries, not ${queries.length}`)
  const finder = finderOf(request, context)
  for (const query of queries) {
    const nodes = await findNodes(finder, query)
    byQuery.set(
      query,
      nodes.filter(({ leaf }) => leaf || !leavesOnly).map(({ path }) => path),
    )
  }
  if (fieldOf(fields, 'groupByExpr') === '1') return Response.json({ results: Object.fromEntries(byQuery) })
  return Response.json({ results: [...new Set([...byQuery.values()].flat())].sort(compareCodePoints) })
}

function* jsonOf(texts: readonly string[]): Iterable<string> {
  yield '['
  for (const [at, text] of texts.entries()) yield `${at === 0 ? '' : ','}${JSON.stringify(text)}`
  yield ']'
}

/** The answer to `/metrics/index.json`. */
export async function index(request: ServerRequest, context: ServerContext): Promise<Response> {
  const { maxBufferedBytes } = context.limits
  const paths = new Set<string>()
  let characters = 0
  for await (const path of allPaths(finderOf(request, context))) {
    paths.add(path)
    characters += path.length
    if (characters > maxBufferedBytes)
      throw new RequestError(
        400,
        `an answer must have at most ${maxBufferedBytes} bytes (server.limits.maxBufferedBytes): ask /metrics/find node by node`,
      )
  }
  return answerOf(jsonOf(await sortedInTurns([...paths])), 'application/json')
}
