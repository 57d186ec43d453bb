import { harmless } from '@kairos/core/driver'
import { invalidOption } from '../checks/errors.ts'
import { checkFunction, checkOptions, checkText } from '../checks/options.ts'
import { checkedClock, systemTicks } from '../event/clock.ts'
import type { AnyEventStore } from '../types.ts'
import { type AccessEntry, AccessRecord } from './access-log.ts'
import {
  type AllowedHosts,
  checkContentType,
  checkHost,
  checkHosts,
  checkOrigin,
  checkToken,
  checkTokens,
} from './access-rules.ts'
import { ByteBudget, HeldBytes } from './byte-budget.ts'
import { type AllowedOrigins, checkOrigins, corsHeaders } from './cors.ts'
import { endpoints } from './endpoints.ts'
import { errorResponse } from './envelope.ts'
import { readBody } from './read-body.ts'
import { RequestCount } from './request-count.ts'
import { httpStatus, RequestError, serverBusy } from './request-error.ts'
import { checkLimits, LIMITS, type RequestLimits } from './request-limits.ts'
import { type KronosRouting, Router } from './routing.ts'
import { withHeaders } from './with-headers.ts'

/** Which endpoints a server opens: `all`; `readonly` all but put and delete; `collector` only put and the index. */
export type ServingMode = 'all' | 'readonly' | 'collector'

/** The options of `kronosHandler`. */
export interface KronosHandlerOptions extends Partial<RequestLimits> {
  /** Which endpoints are open. Default `all`. */
  readonly mode?: ServingMode
  /**
   * Origins whose pages may call from a browser, beside the server's own. Requests from other pages get 403. `true`: every page may call, without
   * cookies. Default: none.
   */
  readonly cors?: AllowedOrigins
  /**
   * Further names of the server, such as `events.example.com`. Addresses, names without a dot and `*.localhost` are always allowed; requests to
   * other names get 421. `true`: every name. Default: none.
   */
  readonly hosts?: AllowedHosts
  /** The token that every request must send as `Authorization: Bearer …`; a list while one replaces another. Default: none. */
  readonly token?: string | readonly string[]
  /** The path at which the handler is mounted: `/kronos` if paths begin with `/kronos/1.0/`. Default: the root. */
  readonly basePath?: string
  /** The id of this node, which the index shows; default `kairos`. */
  readonly id?: string
  /** The clock for events without a time, in ticks since 1970. Default: the system's. */
  readonly now?: () => bigint
  /** Called for each request when its response has ended. What it throws becomes a process warning. */
  readonly onAccess?: (entry: AccessEntry) => void
}

const OPTIONS = ['mode', 'cors', 'hosts', 'token', 'basePath', 'id', 'now', 'onAccess', ...LIMITS] as const
const MODES: readonly ServingMode[] = ['all', 'readonly', 'collector']

/**
 * Serves event stores by the protocol of Kronos 0.6.2: a function from a Web-standard request to its response, for any framework that has these.
 * It never rejects. If a streamed response fails midway, its body errors, and the code that writes it must cut the connection.
 * @throws KAIROS_INVALID_CONFIG
 * @example
 * const handler = kronosHandler(createEventStore('sqlite:events.db'), { cors: ['https://dashboard.example'] })
 */
export function kronosHandler(
  routing: KronosRouting | AnyEventStore,
  options: KronosHandlerOptions = {},
): (request: Request) => Promise<Response> {
  checkOptions(options, OPTIONS, 'kronosHandler')
  const { mode = 'all', cors = [], hosts = [], basePath = '', id = 'kairos', now = systemTicks, onAccess } = options
  if (!MODES.includes(mode)) {
    throw invalidOption({
      path: 'mode',
      expected: `one of ${MODES.join(', ')}`,
      value: mode,
      details: { known: MODES },
    })
  }
  checkOrigins(cors)
  checkHosts(hosts)
  checkBasePath(basePath)
  checkText(id, 'id')
  checkFunction(now, 'now')
  if (onAccess !== undefined) checkFunction(onAccess, 'onAccess')
  const observe = harmless('onAccess', onAccess)
  const clock = checkedClock(now)
  const rules = { cors, hosts, tokens: checkTokens(options.token) }
  const limits = checkLimits(options)
  const budget = new ByteBudget(limits.maxBufferedBytes)
  const router = new Router(routing)
  const requests = new RequestCount(limits.maxRequests)

  async function answer(request: Request, path: string, access: AccessRecord, held: HeldBytes): Promise<Response> {
    const endpoint = path.startsWith(basePath) ? endpoints.get(withoutSlashes(path.slice(basePath.length))) : undefined
    let headers: Readonly<Record<string, string>> = VARY
    try {
      checkHost(request, rules)
      if (endpoint === undefined) return new Response('not found\n', { status: 404, headers: { ...TEXT, ...VARY } })
      if (mode !== 'all' && !endpoint.modes.includes(mode)) {
        throw new RequestError(403, `${path} is not available in mode ${mode}`)
      }
      checkOrigin(request, rules)
      const { method } = endpoint
      headers = { ...VARY, ...corsHeaders(request, cors, { method, takesToken: rules.tokens.length > 0 }) }
      if (request.method === 'OPTIONS') return new Response(null, { headers })
      checkToken(request, rules)
      if (request.method !== method) {
        throw new RequestError(405, `${path} must be called with ${method}`, { allow: `${method}, OPTIONS` })
      }
      requests.check()
      if (budget.isFull) throw serverBusy('the server already holds as many bytes for other requests as it may')
      if (method === 'POST') checkContentType(request)
      const body = method === 'POST' ? await readBody(request, limits, held) : ''
      return withHeaders(await endpoint.answer({ router, access, held, limits, id, now: clock }, body), headers)
    } catch (error) {
      if (httpStatus(error) >= 500) access.error = error
      return withHeaders(errorResponse(error, access.started), headers)
    }
  }

  return async (request) => {
    const path = new URL(request.url).pathname
    const held = new HeldBytes(budget)
    requests.begin()
    const access = new AccessRecord(request.method, path, (entry) => {
      requests.end()
      held.release()
      observe?.(entry)
    })
    const response = await answer(request, path, access, held)
    access.status = response.status
    if (!access.streamed) access.end()
    return response
  }
}

/** Of a path that may be nothing else: a pattern that looks for its end would begin at each of them. */
function withoutSlashes(path: string): string {
  let end = path.length
  while (path[end - 1] === '/') end--
  return path.slice(0, end)
}

/** @throws KAIROS_INVALID_CONFIG for a path under which no request would be found */
function checkBasePath(basePath: unknown): void {
  if (typeof basePath === 'string' && /^(\/[^?#]*[^/?#])?$/.test(basePath)) return
  throw invalidOption({ path: 'basePath', expected: "'' or a path such as /kronos", value: basePath })
}

const TEXT = { 'content-type': 'text/plain' }
/** In every response: a cache must not give it to another origin. */
const VARY = { vary: 'Origin' }
