import { compareCodePoints } from '@kairos/core/driver'
import { RequestError } from '@kairos/events/http'
import { quoted } from '../../http/quoted.ts'
import type { ServerContext, ServerRequest } from '../../http/route.ts'
import { Budget } from '../budget.ts'
import { findTagged } from '../names.ts'
import { compilePattern } from '../pattern.ts'
import { tagsOf } from '../series.ts'
import { parseTagExpressions } from '../tag-matcher.ts'
import { fieldOf, listOf, textOf, wholeNumber } from './fields.ts'

/** What an autocompletion shows where the request does not say how many. */
const USUAL_LIMIT = 100

/** The tags of the series that match the expressions of a request; of all without any. */
async function tagged(request: ServerRequest, context: ServerContext): Promise<Readonly<Record<string, string>>[]> {
  return (await paths(request, context, listOf(request.fields, 'expr'))).map(tagsOf)
}

async function paths(
  { signal }: ServerRequest,
  { registry, limits }: ServerContext,
  expressions: readonly string[],
): Promise<string[]> {
  const budget = new Budget(limits.maxFunctionCost)
  // Expressions narrow the names, of which there may be more than are shown.
  const finder = { registry, signal, budget, limits: { ...limits, maxNames: limits.maxNamesRead } }
  return (await findTagged(finder, parseTagExpressions(expressions, budget))).map(({ path }) => path)
}

function filterOf({ fields }: ServerRequest, { limits }: ServerContext): (text: string) => boolean {
  const filter = fieldOf(fields, 'filter')
  if (filter === undefined || filter === '') return () => true
  const pattern = compilePattern(`^(?:${filter})`, new Budget(limits.maxFunctionCost))
  return (text) => pattern.matches(text)
}

function sorted(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort(compareCodePoints)
}

/** The answer to `/tags`. */
export async function tagList(request: ServerRequest, context: ServerContext): Promise<Response> {
  const all = sorted((await tagged(request, context)).flatMap(Object.keys)).filter(filterOf(request, context))
  return Response.json(all.slice(0, wholeNumber(request.fields, 'limit')).map((tag) => ({ tag })))
}

/** The answer to `/tags/<tag>`. */
export async function tagDetails(request: ServerRequest, context: ServerContext): Promise<Response> {
  const tag = request.parts.tag!
  const counts = new Map<string, number>()
  for (const { [tag]: value } of await tagged(request, context))
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
  if (counts.size === 0) throw new RequestError(404, `there is no tag ${quoted(tag)}`)
  const values = sorted(counts.keys()).filter(filterOf(request, context))
  return Response.json({
    tag,
    values: values
      .slice(0, wholeNumber(request.fields, 'limit'))
      .map((value) => ({ value, count: counts.get(value)! })),
  })
}

/** The answer to `/tags/autoComplete/tags`. */
export async function completeTags(request: ServerRequest, context: ServerContext): Promise<Response> {
  const prefix = fieldOf(request.fields, 'tagPrefix') ?? ''
  const asked = listOf(request.fields, 'expr').map((text) => text.split(/!?=/, 1)[0])
  const tags = sorted((await tagged(request, context)).flatMap(Object.keys))
  const fitting = tags.filter((tag) => tag.startsWith(prefix) && !asked.includes(tag))
  return Response.json(fitting.slice(0, wholeNumber(request.fields, 'limit') ?? USUAL_LIMIT))
}

/** The answer to `/tags/autoComplete/values`. */
export async function completeValues(request: ServerRequest, context: ServerContext): Promise<Response> {
  const tag = textOf(request.fields, 'tag')
  const prefix = fieldOf(request.fields, 'valuePrefix') ?? ''
  const values = (await tagged(request, context)).flatMap(({ [tag]: value }) => value ?? [])
  const fitting = sorted(values.filter((value) => value.startsWith(prefix)))
  return Response.json(fitting.slice(0, wholeNumber(request.fields, 'limit') ?? USUAL_LIMIT))
}

/** The answer to `/tags/findSeries`. */
export async function findSeries(request: ServerRequest, context: ServerContext): Promise<Response> {
  const expressions = listOf(request.fields, 'expr')
  if (expressions.length === 0) throw new RequestError(400, 'expr must be given: an expression such as host=a')
  return Response.json(await paths(request, context, expressions))
}
