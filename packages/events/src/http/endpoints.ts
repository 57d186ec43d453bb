import { mapConcurrently, type StoredEvent } from '@kairos/core/driver'
import { encodeLine } from '../event/event-codec.ts'
import { singleKeyRange } from '../event/key-range.ts'
import { createKeyMaker, FIRST_KEY } from '../event/keys.ts'
import type { EventLog } from '../store/event-log.ts'
import { inferSchema } from '../store/infer-schema.ts'
import { filterLive } from '../store/live-streams.ts'
import type { AccessRecord } from './access-log.ts'
import type { HeldBytes } from './byte-budget.ts'
import { envelope } from './envelope.ts'
import { parsePut } from './put-request.ts'
import { publicMessage } from './request-error.ts'
import { RequestFields } from './request-fields.ts'
import type { RequestLimits } from './request-limits.ts'
import type { NamedLog, Router } from './routing.ts'
import { streamLines } from './stream-lines.ts'

/** How many streams of one put are written at the same time. */
const CONCURRENT_STREAMS = 8
/** Characters in one part of a response: what is held for each reader. */
const PAGE = 250_000

/** What an endpoint receives beside the body. */
interface RequestContext {
  readonly router: Router
  readonly access: AccessRecord
  readonly held: HeldBytes
  readonly limits: RequestLimits
  readonly id: string
  readonly now: () => bigint
}

/** One path of the protocol. */
export interface Endpoint {
  readonly method: 'GET' | 'POST'
  /** The serving modes, beside `all`, in which it is open. */
  readonly modes: readonly string[]
  answer(context: RequestContext, body: string): Promise<Response>
}

const PROTOCOL = '0.6.2'
const SAMPLE = 100
/** Milliseconds in which a live store must answer. Without this limit, the question would be retried as long as any call. */
const ALIVE_WITHIN = 5_000
const newKey = createKeyMaker()

/** The protocol, by path. */
export const endpoints: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['/1.0/index', { method: 'GET', modes: ['readonly', 'collector'], answer: index }],
  ['/1.0/events/put', { method: 'POST', modes: ['collector'], answer: put }],
  ['/1.0/events/get', { method: 'POST', modes: ['readonly'], answer: get }],
  ['/1.0/events/delete', { method: 'POST', modes: [], answer: remove }],
  ['/1.0/streams', { method: 'POST', modes: ['readonly'], answer: streams }],
  ['/1.0/streams/infer_schema', { method: 'POST', modes: ['readonly'], answer: infer }],
])

async function index({ router, access, id }: RequestContext): Promise<Response> {
  const storage = await Promise.all(
    router.logs.map(async ({ name, log }) => {
      const nothing = { first: FIRST_KEY, last: FIRST_KEY }
      const signal = AbortSignal.timeout(ALIVE_WITHIN)
      const alive = await log.count(log.namespaces[0]!, 'kairos.alive', nothing, signal).then(
        () => true,
        () => false,
      )
      return [name, { alive, backend: log.id }] as const
    }),
  )
  // The name and version are the original's, since they identify the protocol.
  return envelope(
    {
      service: 'kronosd',
      version: PROTOCOL,
      id,
      storage: Object.fromEntries(storage),
      '@server': '@kairos/events',
      // Tells a client that it can repeat a put.
      '@keeps_ids': true,
    },
    access,
  )
}

async function put({ router, access, limits, now }: RequestContext, body: string): Promise<Response> {
  const request = parsePut(body, { now: now(), newKey }, limits)
  const namespace = router.namespaceOf(request.namespace)
  let success = request.errors.isEmpty
  const reports = await mapConcurrently(CONCURRENT_STREAMS, [...request.streams], async ([stream, events]) => {
    const report = await inEachStore(router.route(namespace, stream).write, access, async ({ log }) => {
      const isNew = await log.append(namespace, stream, events)
      const inserted = isNew.filter(Boolean).length
      return inserted === isNew.length
        ? { num_inserted: inserted }
        : { num_inserted: inserted, num_duplicates: isNew.length - inserted }
    })
    success &&= report.success
    return [stream, report.asMembers({ num_inserted: -1 })] as const
  })
  return envelope(Object.fromEntries(reports), access, { success, errors: request.errors })
}

async function get({ router, access, held }: RequestContext, body: string): Promise<Response> {
  const fields = new RequestFields(body)
  const { stream, range, order, limit } = fields
  const namespace = router.namespaceOf(fields.namespace)
  const { log } = router.route(namespace, stream).read
  const pages = log.pages(namespace, stream, {
    ...range,
    order,
    ...(limit === undefined ? {} : { limit }),
    maxLength: PAGE,
    readsAhead: () => held.budget.isEasy,
  })
  return streamLines(linesOf(pages), access, held)
}

async function* linesOf(pages: AsyncIterable<readonly StoredEvent[]>): AsyncGenerator<string, void, void> {
  for await (const events of pages) {
    let text = ''
    for (const event of events) text += `${encodeLine(event)}\r\n`
    yield text
  }
}

async function remove({ router, access, limits }: RequestContext, body: string): Promise<Response> {
  const fields = new RequestFields(body)
  fields.checkDelete()
  const { stream, dryRun } = fields
  const ids = fields.ids(limits.maxIds)
  const ranges = ids === undefined ? [fields.deletedRange] : ids.map(singleKeyRange)
  const namespace = router.namespaceOf(fields.namespace)
  const report = await inEachStore(router.route(namespace, stream).write, access, async ({ log }) => {
    return { num_deleted: await log.deleteRanges(namespace, stream, ranges, { dryRun, signal: undefined }) }
  })
  const members = { [stream]: report.asMembers({ num_deleted: -1 }), ...(dryRun ? { '@dry_run': true } : {}) }
  return envelope(members, access, { success: report.success })
}

async function streams({ router, access, held }: RequestContext, body: string): Promise<Response> {
  const namespace = router.namespaceOf(new RequestFields(body).namespace)
  const listed = await Promise.all(
    router.readers(namespace).map(async (reader) => {
      const names = await reader.log.streams(namespace)
      // A store may also hold streams that are read from another store, or were routed to it earlier.
      return { log: reader.log, names: names.filter((name) => router.route(namespace, name).read === reader) }
    }),
  )
  return streamLines(namesOf(listed, namespace), access, held)
}

/** The fewest characters that are sent as a piece of their own. */
const PIECE = 16_000

/** Yields names as they are found. Streams with a maximum age have to be read, so the client gets the first before the last is known. */
async function* namesOf(
  listed: readonly { readonly log: EventLog; readonly names: readonly string[] }[],
  namespace: string,
): AsyncGenerator<string, void, void> {
  let text = ''
  for (const { log, names } of listed) {
    for await (const live of filterLive(log, namespace, names, undefined)) {
      for (const name of live) text += `${name}\r\n`
      if (text.length < PIECE) continue
      yield text
      text = ''
    }
  }
  if (text !== '') yield text
}

async function infer({ router, access, limits }: RequestContext, body: string): Promise<Response> {
  const fields = new RequestFields(body)
  const { stream } = fields
  // Only here, the original takes an empty namespace for the default one.
  const namespace = router.namespaceOf(fields.namespace === '' ? undefined : fields.namespace)
  const { log } = router.route(namespace, stream).read
  const { maxSchemaBytes: maxBytes, maxSchemaParts: maxParts } = limits
  const schema = await inferSchema(log, namespace, stream, { sample: SAMPLE, maxBytes, maxParts })
  return envelope(
    { stream, namespace, schema: { ...schema, $schema: 'http://json-schema.org/draft-04/schema' } },
    access,
  )
}

interface Report {
  /** Whether every store succeeded. */
  readonly success: boolean
  /** The counts of each store; for one that failed, `onFailure` and its error. */
  asMembers(onFailure: Readonly<Record<string, number>>): Readonly<Record<string, unknown>>
}

/** Does something in several stores at the same time. A failure does not stop the other stores, and goes to the access log. */
async function inEachStore(
  stores: readonly NamedLog[],
  access: AccessRecord,
  work: (store: NamedLog) => Promise<Readonly<Record<string, number>>>,
): Promise<Report> {
  const results = await Promise.allSettled(stores.map(work))
  const failed = results.filter((result) => result.status === 'rejected')
  access.error ??= failed[0]?.reason
  return {
    success: failed.length === 0,
    asMembers: (onFailure) =>
      Object.fromEntries(
        results.map((result, at) => [
          stores[at]!.name,
          result.status === 'fulfilled' ? result.value : { ...onFailure, '@errors': [publicMessage(result.reason)] },
        ]),
      ),
  }
}
