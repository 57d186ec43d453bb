import {
  type AccessRules,
  ByteBudget,
  checkHost,
  checkOrigin,
  checkToken,
  corsHeaders,
  HeldBytes,
  httpStatus,
  publicMessage,
  RequestCount,
  RequestError,
  withHeaders,
} from '@kairos/events/http'
import type { ServerMode } from '../config/types.ts'
import { withBearer } from './credentials.ts'
import { heldAnswer } from './held-answer.ts'
import { matchRoutes } from './match-route.ts'
import { readText } from './read-text.ts'
import type { Route, ServerContext, ServerRequest } from './route.ts'

/** Who may ask for what. */
interface AnswerOptions {
  readonly rules: AccessRules
  readonly mode: ServerMode
}

/** A browser then asks for a password, which is the token. */
const CHALLENGE = { 'www-authenticate': 'Basic realm="kairos", charset="UTF-8"' }
/** In every answer: names are texts of strangers, which no browser may take for a page, nor give to the pages of others. */
const SAFE: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
}
/** Of a form: it takes half a microsecond to read a character. */
const LONGEST_FORM = 5_000_000
const MOST_FIELDS = 10_000
/** What each mode is closed for. */
const CLOSED: Readonly<Record<ServerMode, Route['does'] | 'nothing'>> = {
  all: 'nothing',
  readonly: 'write',
  writeonly: 'read',
}

/** Answers requests by routes. The function never rejects. */
export function answerBy(
  routes: readonly Route[],
  { rules, mode }: AnswerOptions,
  context: ServerContext,
): (request: Request) => Promise<Response> {
  const budget = new ByteBudget(context.limits.maxBufferedBytes)
  const answers = new ByteBudget(context.limits.maxBufferedBytes)
  const requests = new RequestCount(context.limits.maxRequests)

  async function answer(request: Request, held: HeldBytes): Promise<Response> {
    const url = new URL(request.url)
    const found = matchRoutes(routes, url.pathname)
    const methods = methodsOf(found.map(({ route }) => route.method)).join(', ')
    let headers = SAFE
    try {
      checkHost(request, rules)
      checkOrigin(request, rules)
      headers = {
        ...headers,
        ...corsHeaders(request, rules.cors, { method: methods, takesToken: rules.tokens.length > 0 }),
      }
      if (request.method === 'OPTIONS' && found.length > 0) return withHeaders(new Response(null), headers)
      const method = request.method === 'HEAD' ? 'GET' : request.method
      const matched = found.find(({ route }) => route.method === method)
      if (matched?.route.open !== true) checkToken(withBearer(request), rules)
      if (found.length === 0) throw new RequestError(404, `there is nothing at ${url.pathname.slice(0, 200)}`)
      if (matched === undefined)
        throw new RequestError(405, `${url.pathname} must be called with ${methods}`, { allow: methods })
      if (CLOSED[mode] === (matched.route.does ?? 'read'))
        throw new RequestError(403, `${url.pathname} is not available in mode ${mode}`)
      // A supervisor would end the process, with all that waits in it, if it were silent while its store is away.
      if (matched.route.does !== 'status') requests.check()
      const body = method === 'GET' ? '' : await readText(request, context.limits, held)
      const read = requestOf(request, url, matched.parts, body)
      const made = withHeaders(await matched.route.handle(read, context), headers)
      return request.method === 'HEAD' ? made : await heldAnswer(made, answers, context.limits.maxBufferedBytes)
    } catch (error) {
      const own = error instanceof RequestError ? error.headers : {}
      const status = httpStatus(error)
      return withHeaders(Response.json({ error: publicMessage(error) }, { status }), {
        ...headers,
        ...own,
        ...(status === 401 && CHALLENGE),
      })
    }
  }

  return async (request) => {
    const held = new HeldBytes(budget)
    requests.begin()
    try {
      const response = await answer(request, held)
      // Beside what else it varies by: a cache must not give it to another origin.
      response.headers.append('vary', 'Origin')
      return request.method === 'HEAD' ? new Response(null, response) : response
    } finally {
      requests.end()
      held.release()
    }
  }
}

function methodsOf(methods: readonly string[]): string[] {
  return [...new Set([...methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])), 'OPTIONS'])]
}

/** In memory a field takes a hundred times as much as the two bytes that it may take in a form. @throws RequestError */
function checkFields(form: string): void {
  if (form.length > LONGEST_FORM)
    throw new RequestError(413, `a form must have at most ${LONGEST_FORM} bytes, not ${form.length}`)
  let count = 1
  for (let at = form.indexOf('&'); at !== -1; at = form.indexOf('&', at + 1))
    if (++count > MOST_FIELDS) throw new RequestError(413, `a form must have at most ${MOST_FIELDS} fields`)
}

function requestOf(
  { method, headers, signal }: Request,
  { pathname, searchParams }: URL,
  parts: Readonly<Record<string, string>>,
  body: string,
): ServerRequest {
  const [type = ''] = (headers.get('content-type') ?? '').split(';')
  const fields = new URLSearchParams(searchParams)
  if (type.trim().toLowerCase() === 'application/x-www-form-urlencoded') {
    checkFields(body)
    for (const [name, value] of new URLSearchParams(body)) fields.append(name, value)
  }
  return {
    method,
    path: pathname,
    headers,
    parts,
    fields,
    body,
    json() {
      try {
        return JSON.parse(body)
      } catch (error) {
        throw new RequestError(400, `the body must be JSON: ${(error as Error).message}`)
      }
    },
    signal,
  }
}
