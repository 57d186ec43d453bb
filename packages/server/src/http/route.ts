import type { NamedReads } from '../config/named-reads.ts'
import type { EventStreams } from '../kronos/event-streams.ts'
import type { Registry } from '../timeseries/registry.ts'
import type { Inbound } from '../write/inbound.ts'
import type { Writer } from '../write/writer.ts'
import type { ServerLimits } from './limits.ts'

/** A request, read once. */
export interface ServerRequest {
  readonly method: string
  readonly path: string
  readonly headers: Headers
  /** The parts of the path that the route names. */
  readonly parts: Readonly<Record<string, string>>
  /** Of the query and, after it, of a body that is a form. */
  readonly fields: URLSearchParams
  /** Empty where there is not one. */
  readonly body: string
  /** The body as JSON. @throws 400 */
  json(): unknown
  /** Aborted when the connection is cut. A client that only ends its side may still wait for its answer. */
  readonly signal: AbortSignal
}

/** What every handler gets beside the request. */
export interface ServerContext {
  readonly registry: Registry
  readonly reads: NamedReads
  readonly limits: ServerLimits
  /** Writes what comes in. */
  readonly writer: Writer
  readonly inbound: Inbound
  /** Where the configuration has `server.kronos`. */
  readonly events: EventStreams | undefined
  /** The clock, in Unix seconds. */
  now(): number
}

/** One path that the server answers. */
export interface Route {
  /** GET also answers HEAD. */
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** `:name` is any one part of the path: `/tags/:tag`. */
  readonly path: string
  /** What the server's mode opens or closes; `status`: open in every mode. Default `read`. */
  readonly does?: 'read' | 'write' | 'status'
  /** true: without a token. */
  readonly open?: boolean
  handle(request: ServerRequest, context: ServerContext): Response | Promise<Response>
}
