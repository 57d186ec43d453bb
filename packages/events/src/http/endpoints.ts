import type { StoredEvent } from '@kairos/core/driver'
import { lineOf } from '../event/event-codec.ts'
import { singleKeyRange } from '../event/key-range.ts'
import { createKeyMaker, FIRST_KEY } from '../event/keys.ts'
import type { EventLog } from '../store/event-log.ts'
import { filterLive } from '../store/eviction.ts'
import { inferSchema } from '../store/infer-schema.ts'
import type { AccessRecord } from './access-log.ts'
import type { HeldBytes } from './byte-budget.ts'
import { envelope, lines } from './envelope.ts'
import { mapConcurrently } from './map-concurrently.ts'
import { parsePut } from './put-request.ts'
import { textOf } from './request-error.ts'
import { RequestFields } from './request-fields.ts'
import type { RequestLimits } from './request-limits.ts'
import type { NamedLog, Router } from './routing.ts'

/** Streams of one put that are written at once. */
const STREAMS_AT_ONCE = 8
/** Characters of a part of an answer: what each reader keeps waiting. */
const PAGE = 250_000

/** What an endpoint is given beside the body. */
interface RequestContext {
  readonly routes: Router
  readonly access: AccessRecord
  readonly held: HeldBytes
  readonly limits: RequestLimits
  readonly id: string
  readonly now: () => bigint
}

export interface Endpoint {
  readonly method: 'GET' | 'POST'
  /** Serving modes beside `all` in which it is open. */
  readonly modes: readonly string[]
  answer(exchange: RequestContext, body: string): Promise<Response>
}

const PROTOCOL = '0.6.2'
const SAMPLE = 100
/** Milliseconds in which a store that is alive answers. One that is not would be asked again, for as long as any call is. */
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

async function index({ routes, access, id }: RequestContext): Promise<Response> {
  const storage = await Promise.all(
    routes.logs.map(async ({ name, log }) => {
      const nothing = { first: FIRST_KEY, last: FIRST_KEY }
      const asked = log.count(log.namespaces[0]!, 'kairos.alive', nothing, AbortSignal.timeout(ALIVE_WITHIN))
      const alive = await asked.then(
        () => true,
        () => false,
      )
      return [name, { alive, backend: log.id }] as const
    }),
  )
  // The name and the version are the original's, since they say what protocol this is.
  return envelope(
    {
      service: 'kronosd',
      version: PROTOCOL,
      id,
      storage: Object.fromEntries(storage),
      '@server': '@kairos/events',
      // Tells a client that it may send a put again.
      '@keeps_ids': true,
    },
    access,
  )
}

async function put({ routes, access, limits, now }: RequestContext, body: string): Promise<Response> {
  const request = parsePut(body, { now: now(), newKey }, limits)
  const namespace = routes.namespaceOf(request.namespace)
  let success = request.faults.isEmpty
  const reports = await mapConcurrently(STREAMS_AT_ONCE, [...request.streams], async ([stream, events]) => {
    const report = await inEachStore(routes.route(namespace, stream).write, access, async ({ log }) => {
      const isNew = await log.append(namespace, stream, events)
      const inserted = isNew.filter(Boolean).length
      return inserted === isNew.length
        ? { num_inserted: inserted }
        : { num_inserted: inserted, num_duplicates: isNew.length - inserted }
    })
    success &&= report.success
    return [stream, report.asMembers({ num_inserted: -1 })] as const
  })
  return envelope(Object.fromEntries(reports), access, { success, faults: request.faults })
}

async function get({ routes, access, held }: RequestContext, body: string): Promise<Response> {
  const fields = new RequestFields(body)
  const { stream, range, order, limit } = fields
  const namespace = routes.namespaceOf(fields.namespace)
  const { log } = routes.route(namespace, stream).read
  const pages = log.pages(namespace, stream, {
    ...range,
    order,
    ...(limit === undefined ? {} : { limit }),
    maxLength: PAGE,
    readsAhead: () => held.budget.isEasy,
  })
  return lines(linesOf(pages), access, held)
}

async function* linesOf(pages: AsyncIterable<readonly StoredEvent[]>): AsyncGenerator<string, void, void> {
  for await (const events of pages) {
    let text = ''
    for (const event of events) text += `${lineOf(event)}\r\n`
    yield text
  }
}

async function remove({ routes, access, limits }: RequestContext, body: string): Promise<Response> {
  const fields = new RequestFields(body)
  fields.checkDelete()
  const { stream, dryRun } = fields
  const ids = fields.ids(limits.maxIds)
  const ranges = ids === undefined ? [fields.range] : ids.map(singleKeyRange)
  const namespace = routes.namespaceOf(fields.namespace)
  const report = await inEachStore(routes.route(namespace, stream).write, access, async ({ log }) => {
    return { num_deleted: await log.deleteRanges(namespace, stream, ranges, { dryRun, signal: undefined }) }
  })
  const members = { [stream]: report.asMembers({ num_deleted: -1 }), ...(dryRun ? { '@dry_run': true } : {}) }
  return envelope(members, access, { success: report.success })
}

async function streams({ routes, access, held }: RequestContext, body: string): Promise<Response> {
  const namespace = routes.namespaceOf(new RequestFields(body).namespace)
  const listed = await Promise.all(
    routes.readers(namespace).map(async (reader) => {
      const names = await reader.log.streams(namespace)
      // A store may hold more: what is written to it as a second one, or was before the routing changed.
      return { log: reader.log, names: names.filter((name) => routes.route(namespace, name).read === reader) }
    }),
  )
  return lines(namesOf(listed, namespace), access, held)
}

/** Fewer characters are not worth a piece of their own. */
const PIECE = 16_000

/** As they are found: where their age matters, each stream is looked into, and a client hears of the first before the last is found. */
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

async function infer({ routes, access, limits }: RequestContext, body: string): Promise<Response> {
  const fields = new RequestFields(body)
  const { stream } = fields
  // Only here does the original take an empty namespace for none.
  const namespace = routes.namespaceOf(fields.namespace === '' ? undefined : fields.namespace)
  const { log } = routes.route(namespace, stream).read
  const { maxSchemaBytes: maxBytes, maxSchemaParts: maxParts } = limits
  const schema = await inferSchema(log, namespace, stream, { sample: SAMPLE, maxBytes, maxParts })
  return envelope(
    { stream, namespace, schema: { ...schema, $schema: 'http://json-schema.org/draft-04/schema' } },
    access,
  )
}

interface Report {
  /** Every store did it. */
  readonly success: boolean
  /** Each store's own member; of one that failed `inPlace` and what it said. */
  asMembers(inPlace: Readonly<Record<string, number>>): Readonly<Record<string, unknown>>
}

/** Does something in each of some stores, side by side; one that fails does not keep the others from it, and is told to the access log. */
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
    asMembers: (inPlace) =>
      Object.fromEntries(
        results.map((result, at) => [
          stores[at]!.name,
          result.status === 'fulfilled' ? result.value : { ...inPlace, '@errors': [textOf(result.reason)] },
        ]),
      ),
  }
}
