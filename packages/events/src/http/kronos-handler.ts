import { KairosError } from '@kairos/core'
import { describe } from '@kairos/core/driver'
import { checkCount, checkFunction, checkOptions, checkText } from '../internal/options.ts'
import { checkedClock, systemTicks } from '../time.ts'
import type { EventStore } from '../types.ts'
import { Access, type AccessEntry } from './access.ts'
import { readBody } from './body.ts'
import { type AllowedOrigins, checkOrigins, corsHeaders } from './cors.ts'
import { endpoints } from './endpoints.ts'
import { failure } from './envelope.ts'
import { RequestFault, statusOf } from './faults.ts'
import { type KronosRouting, Routes } from './routing.ts'

/** What a server does for whom it is reached by. */
export type ServingMode = 'all' | 'readonly' | 'collector'

export interface KronosHandlerOptions {
  /** `readonly`: nothing is put or deleted; `collector`: events are put, and nothing else. Default `all`. */
  readonly mode?: ServingMode
  /** Origins whose pages may call from a browser; default none. */
  readonly cors?: AllowedOrigins
  /** Longer bodies are answered 413; default 16,000,000. */
  readonly maxBodyBytes?: number
  /** Where the handler is mounted: `/kronos` when paths begin with `/kronos/1.0/`. Default: at the root. */
  readonly basePath?: string
  /** Of this node, as the index tells it; default `kairos`. */
  readonly id?: string
  /** The clock of events without a time: ticks since 1970. Default: the system's. */
  readonly now?: () => bigint
  /** Told of each request when its answer has ended. Must not throw. */
  readonly onAccess?: (entry: AccessEntry) => void
}

const OPTIONS = ['mode', 'cors', 'maxBodyBytes', 'basePath', 'id', 'now', 'onAccess'] as const
const MODES: readonly ServingMode[] = ['all', 'readonly', 'collector']
const MAX_BODY_BYTES = 16_000_000

/**
 * The protocol of Kronos 0.6.2 over event stores, as a function from a Web-standard request to its response, for any framework that has these.
 * Never rejects; a streamed answer that fails midway errors its body, and whoever writes it must cut the connection.
 * @throws KAIROS_INVALID_CONFIG
 * @example
 * const handler = kronosHandler(createEventStore('sqlite:events.db'), { cors: ['https://dashboard.example'] })
 */
export function kronosHandler(
  routing: KronosRouting | EventStore,
  options: KronosHandlerOptions = {},
): (request: Request) => Promise<Response> {
  checkOptions(options, OPTIONS, 'kronosHandler')
  const { mode = 'all', cors = [], basePath = '', id = 'kairos', now = systemTicks, onAccess } = options
  const { maxBodyBytes = MAX_BODY_BYTES } = options
  if (!MODES.includes(mode)) {
    throw new KairosError('KAIROS_INVALID_CONFIG', `mode is ${describe(mode)}; known: ${MODES.join(', ')}`, {
      path: 'mode',
      value: mode,
      known: MODES,
    })
  }
  checkOrigins(cors)
  checkCount(maxBodyBytes, 'maxBodyBytes', 1)
  checkText(basePath, 'basePath')
  checkText(id, 'id')
  checkFunction(now, 'now')
  if (onAccess !== undefined) checkFunction(onAccess, 'onAccess')
  const clock = checkedClock(now)
  const routes = new Routes(routing)

  async function answer(request: Request, path: string, access: Access): Promise<Response> {
    const endpoint = path.startsWith(basePath)
      ? endpoints.get(path.slice(basePath.length).replace(/\/+$/, ''))
      : undefined
    if (endpoint === undefined) {
      return new Response('not found\n', { status: 404, headers: { 'content-type': 'text/plain' } })
    }
    let headers: Readonly<Record<string, string>> = {}
    try {
      if (mode !== 'all' && !endpoint.modes.includes(mode)) {
        throw new RequestFault(403, `${path} is closed: the server is in mode ${mode}`)
      }
      headers = corsHeaders(request, cors, endpoint.method)
      if (request.method === 'OPTIONS') return new Response(null, { headers })
      if (request.method !== endpoint.method) {
        throw new RequestFault(405, `${path} takes ${endpoint.method}`, { allow: `${endpoint.method}, OPTIONS` })
      }
      const body = endpoint.method === 'POST' ? await readBody(request, maxBodyBytes) : ''
      return withHeaders(await endpoint.answer({ routes, access, id, now: clock }, body), headers)
    } catch (error) {
      if (statusOf(error) >= 500) access.error = error
      return withHeaders(failure(error, access.started), headers)
    }
  }

  return async (request) => {
    const path = new URL(request.url).pathname
    const access = new Access(request.method, path, onAccess)
    const response = await answer(request, path, access)
    access.status = response.status
    if (!access.streamed) access.end()
    return response
  }
}

function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
  return response
}
