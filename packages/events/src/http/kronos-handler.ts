import { KairosError } from '@kairos/core'
import { describe } from '@kairos/core/driver'
import { checkFunction, checkOptions, checkText } from '../checks/options.ts'
import { checkedClock, systemTicks } from '../event/time.ts'
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
import { failure } from './envelope.ts'
import { readBody } from './read-body.ts'
import { busy, httpStatus, RequestError } from './request-error.ts'
import { checkLimits, LIMITS, type RequestLimits } from './request-limits.ts'
import { type KronosRouting, Router } from './routing.ts'

/** What a server does for whom it is reached by. */
export type ServingMode = 'all' | 'readonly' | 'collector'

export interface KronosHandlerOptions extends Partial<RequestLimits> {
  /** `readonly`: nothing is put or deleted; `collector`: events are put, and nothing else. Default `all`. */
  readonly mode?: ServingMode
  /**
   * Origins whose pages may call from a browser, beside pages of the server's own; a request of any other page is answered 403. `true`: all
   * may, without cookies. Default: none.
   */
  readonly cors?: AllowedOrigins
  /**
   * Names that the server goes by, as in `events.example.com`. Addresses, names without a dot and `*.localhost` always hold; a request for any
   * other name is answered 421. `true`: any name. Default: none.
   */
  readonly hosts?: AllowedHosts
  /** Asked of every request, as `Authorization: Bearer …`; several while one replaces another. Default: none is asked for. */
  readonly token?: string | readonly string[]
  /** Where the handler is mounted: `/kronos` when paths begin with `/kronos/1.0/`. Default: at the root. */
  readonly basePath?: string
  /** Of this node, as the index tells it; default `kairos`. */
  readonly id?: string
  /** The clock of events without a time: ticks since 1970. Default: the system's. */
  readonly now?: () => bigint
  /** Told of each request when its answer has ended. Must not throw. */
  readonly onAccess?: (entry: AccessEntry) => void
}

const OPTIONS = ['mode', 'cors', 'hosts', 'token', 'basePath', 'id', 'now', 'onAccess', ...LIMITS] as const
const MODES: readonly ServingMode[] = ['all', 'readonly', 'collector']

/**
 * The protocol of Kronos 0.6.2 over event stores, as a function from a Web-standard request to its response, for any framework that has these.
 * Never rejects; a streamed answer that fails midway errors its body, and whoever writes it must cut the connection.
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
    throw new KairosError('KAIROS_INVALID_CONFIG', `mode is ${describe(mode)}; known: ${MODES.join(', ')}`, {
      path: 'mode',
      value: mode,
      known: MODES,
    })
  }
  checkOrigins(cors)
  checkHosts(hosts)
  checkText(basePath, 'basePath')
  checkText(id, 'id')
  checkFunction(now, 'now')
  if (onAccess !== undefined) checkFunction(onAccess, 'onAccess')
  const clock = checkedClock(now)
  const rules = { cors, hosts, tokens: checkTokens(options.token) }
  const limits = checkLimits(options)
  const budget = new ByteBudget(limits.maxBufferedBytes)
  const routes = new Router(routing)
  let requests = 0

  async function answer(request: Request, path: string, access: AccessRecord, held: HeldBytes): Promise<Response> {
    const endpoint = path.startsWith(basePath)
      ? endpoints.get(path.slice(basePath.length).replace(/\/+$/, ''))
      : undefined
    let headers: Readonly<Record<string, string>> = VARY
    try {
      checkHost(request, rules)
      if (endpoint === undefined) return new Response('not found\n', { status: 404, headers: { ...TEXT, ...VARY } })
      if (mode !== 'all' && !endpoint.modes.includes(mode)) {
        throw new RequestError(403, `${path} is closed: the server is in mode ${mode}`)
      }
      checkOrigin(request, rules)
      const { method } = endpoint
      headers = { ...VARY, ...corsHeaders(request, cors, { method, takesToken: rules.tokens.length > 0 }) }
      if (request.method === 'OPTIONS') return new Response(null, { headers })
      checkToken(request, rules)
      if (request.method !== method) {
        throw new RequestError(405, `${path} takes ${method}`, { allow: `${method}, OPTIONS` })
      }
      if (requests > limits.maxRequests) throw busy('the server answers as many requests as it may')
      if (budget.isFull) throw busy('the server holds as much for others as it may')
      if (method === 'POST') checkContentType(request)
      const body = method === 'POST' ? await readBody(request, limits, held) : ''
      return withHeaders(await endpoint.answer({ routes, access, held, limits, id, now: clock }, body), headers)
    } catch (error) {
      if (httpStatus(error) >= 500) access.error = error
      return withHeaders(failure(error, access.started), headers)
    }
  }

  return async (request) => {
    const path = new URL(request.url).pathname
    const held = new HeldBytes(budget)
    requests++
    const access = new AccessRecord(request.method, path, (entry) => {
      requests--
      held.release()
      onAccess?.(entry)
    })
    const response = await answer(request, path, access, held)
    access.status = response.status
    if (!access.streamed) access.end()
    return response
  }
}

const TEXT = { 'content-type': 'text/plain' }
/** Of every answer: whatever is kept of it is not for another origin. */
const VARY = { vary: 'Origin' }

function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
  return response
}
