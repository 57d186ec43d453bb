import { KairosError } from '@kairos/core'
import { isRecord, withDetails } from '@kairos/core/driver'
import { checkCount, checkFunction, checkOptions, checkRecord, checkText, LONGEST_TIMER } from '../checks/options.ts'
import { checkedClock, systemTicks } from '../event/clock.ts'
import { type CheckedDelete, checkDeleteOptions } from '../event/delete-options.ts'
import { encodeEvents, toEventList } from '../event/encode-events.ts'
import { createKeyMaker, EARLIEST_TIME, keyToId, keyToTime, LATEST_TIME, parseId } from '../event/keys.ts'
import { checkStreamName, isStreamName } from '../event/stream-name.ts'
import { toEventTicks } from '../event/time.ts'
import { encodeJson } from '../json/json-values.ts'
import type { JsonSchema } from '../json/schema-sketch.ts'
import { withSource } from '../tally/stream-source.ts'
import type { AnyStreams, DeleteOptions, EventsInput, GetOptions, StreamEvent, StreamTypes } from '../types.ts'
import { BackgroundQueue } from './background-queue.ts'
import { errorReporter } from './error-reporter.ts'
import { readLines } from './event-lines.ts'
import { Fifo } from './fifo.ts'
import { FunctionLog } from './function-log.ts'
import { nextRequestSize, type OutgoingEvent, PutSender } from './put-sender.ts'
import { readEvents } from './read-events.ts'
import {
  invalidResponse,
  type JsonRecord,
  parseEnvelope,
  reportedErrors,
  storeReports,
  stringsIn,
} from './responses.ts'
import { serverAddress } from './server-address.ts'
import { type StreamedResponse, Transport } from './transport.ts'
import type { EventClient, EventClientOptions, ServerIndex, WaitOptions } from './types.ts'

const OPTIONS = [
  'namespace',
  'background',
  'onError',
  'patience',
  'timeout',
  'headers',
  'token',
  'library',
  'now',
  'fetch',
] as const
const CALL = ['namespace', 'signal'] as const
const RANGE = [...CALL, 'start', 'end', 'after'] as const
const LIBRARY = { name: '@kairos/events' }
const DELETE = '/1.0/events/delete'
const STREAMS = '/1.0/streams'
const INFER_SCHEMA = '/1.0/streams/infer_schema'
const PATIENCE = 30_000
const TIMEOUT = 30_000
const CLOSE_TIMEOUT = 10_000
/** The ids of one delete request. A server takes 10,000. */
const MOST_IDS = 5_000

/**
 * Creates a client of the server at this URL, which speaks the protocol of Kronos: this package's server, or the original.
 * @throws KAIROS_INVALID_CONFIG
 * @example
 * const client = createEventClient('http://127.0.0.1:8150')
 * await client.put('visits', { page: '/home' })
 */
export function createEventClient<Streams extends StreamTypes<Streams> = AnyStreams>(
  url: string,
  options: EventClientOptions = {},
): EventClient<Streams> {
  // The types of the streams exist for the compiler only.
  return clientOf(url, options) as unknown as EventClient<Streams>
}

function clientOf(url: string, options: EventClientOptions): EventClient {
  checkOptions(options, OPTIONS, 'createEventClient')
  const { namespace, library = LIBRARY, now = systemTicks, headers = {}, background = {} } = options
  const { patience = PATIENCE, timeout = TIMEOUT, fetch: send = fetch } = options
  if (namespace !== undefined) checkText(namespace, 'namespace')
  if (options.onError !== undefined) checkFunction(options.onError, 'onError')
  if (library !== null) checkRecord(library, 'library')
  checkFunction(now, 'now')
  checkRecord(headers, 'headers')
  checkFunction(send, 'fetch')
  const report = errorReporter(options.onError)
  const address = serverAddress(url, headers, options.token)
  const transport = new Transport(address.url, {
    patience: checkCount(patience, 'patience'),
    timeout: checkCount(timeout, 'timeout', 1, LONGEST_TIMER),
    headers: address.headers,
    fetch: send,
  })
  const clock = checkedClock(now)
  const label = library === null ? undefined : { '@library': library }
  const newKey = createKeyMaker()
  const sender = new PutSender(transport, index)
  const queue = new BackgroundQueue(sender, background, report)
  const log = new FunctionLog((stream, event, scopeNamespace) => {
    enqueue(stream, event, scopeNamespace === undefined ? {} : { namespace: scopeNamespace })
  }, report)
  let closed = false

  /** Adds the client's namespace to a call without one. */
  function inNamespace<Options extends { readonly namespace?: string }>(call: Options): Options {
    return namespace === undefined || call.namespace !== undefined ? call : { ...call, namespace }
  }

  function enter(): void {
    if (closed) throw new KairosError('KAIROS_CLOSED', 'the client is closed; make a new one with createEventClient')
  }

  function encodeOutgoing(stream: string, events: EventsInput, namespace: string | undefined) {
    enter()
    const list = toEventList(events)
    const encoded = encodeEvents(checkStreamName(stream), list, clock(), newKey, label)
    return encoded.map((event): OutgoingEvent => ({ namespace, stream, event }))
  }

  function enqueue(stream: string, events: EventsInput, call: { readonly namespace?: string } = {}): readonly string[] {
    checkOptions(call, ['namespace'], 'enqueue')
    const all = encodeOutgoing(stream, events, inNamespace(call).namespace)
    queue.add(all)
    return all.map(({ event }) => keyToId(event.key))
  }

  async function index(signal: AbortSignal | undefined): Promise<ServerIndex> {
    const path = '/1.0/index'
    const text = await transport.call(path, null, signal, wholeText)
    const answer = parseEnvelope(path, text)
    if (!isRecord(answer.storage)) throw invalidResponse(path, text)
    const { service, version, id, storage } = answer as unknown as ServerIndex
    return { service, version, id, storage, keepsIds: answer['@keeps_ids'] === true }
  }

  async function call(path: string, fields: object, signal: AbortSignal | undefined): Promise<JsonRecord> {
    enter()
    return parseEnvelope(path, await transport.call(path, encodeJson(fields), signal, wholeText))
  }

  async function* get(stream: string, callOptions: GetOptions): AsyncGenerator<StreamEvent, void, undefined> {
    checkOptions(callOptions, [...RANGE, 'limit', 'order'], 'get')
    enter()
    yield* readEvents(transport, checkStreamName(stream), inNamespace(callOptions))
  }

  async function close(options: WaitOptions = {}): Promise<void> {
    const { timeout = CLOSE_TIMEOUT, ...rest } = checkWait(options, 'close')
    closed = true
    await queue.close({ timeout, ...rest })
  }

  return {
    async put(stream, events, callOptions = {}) {
      checkOptions(callOptions, CALL, 'put')
      const all = encodeOutgoing(stream, events, inNamespace(callOptions).namespace)
      const ids = all.map(({ event }) => keyToId(event.key))
      let [inserted, duplicates] = [0, 0]
      const rest = new Fifo(all)
      while (rest.length > 0) {
        for await (const { counts, error } of sender.sendInParts(
          rest.take(nextRequestSize(rest)),
          callOptions.signal,
        )) {
          if (counts === undefined) throw withDetails(error, { ids, stored: inserted + duplicates })
          inserted += counts.inserted
          duplicates += counts.duplicates
        }
      }
      return { inserted, duplicates, ids }
    },
    enqueue,
    get(stream, callOptions = {}) {
      const { order = 'ascending', after = null } = callOptions ?? {}
      return withSource(get(stream, callOptions), { order, after, now: clock })
    },
    async delete(stream, callOptions = {}) {
      const requests = deletions(checkStreamName(stream), checkDeleteOptions(callOptions), inNamespace(callOptions))
      let deleted = 0
      for (const fields of requests) deleted += countDeleted(await call(DELETE, fields, callOptions.signal), stream)
      return deleted
    },
    async streams(callOptions = {}) {
      checkOptions(callOptions, [...CALL, 'prefix'], 'streams')
      const { prefix = '', signal } = callOptions
      checkText(prefix, 'prefix')
      enter()
      const body = encodeJson({ namespace: inNamespace(callOptions).namespace })
      const names = await transport.call(STREAMS, body, signal, namesIn)
      return names.filter((name) => name.startsWith(prefix)).sort()
    },
    async inferSchema(stream, callOptions = {}) {
      checkOptions(callOptions, CALL, 'inferSchema')
      const fields = { stream: checkStreamName(stream), namespace: inNamespace(callOptions).namespace }
      const answer = await call(INFER_SCHEMA, fields, callOptions.signal)
      if (!isRecord(answer.schema)) throw invalidResponse(INFER_SCHEMA, JSON.stringify(answer))
      const { $schema: _, ...schema } = answer.schema
      return schema as unknown as JsonSchema
    },
    async index(callOptions = {}) {
      checkOptions(callOptions, ['signal'], 'index')
      enter()
      return index(callOptions.signal)
    },
    logFunction: (stream, logged, logOptions) => log.logFunction(stream, logged, logOptions),
    logScope: <Result>(...scope: Parameters<typeof log.logScope<Result>>) => log.logScope<Result>(...scope) as Result,
    flush: async (options = {}) => queue.flush(checkWait(options, 'flush')),
    close,
    [Symbol.asyncDispose]: () => close(),
  }
}

function checkWait(options: WaitOptions, what: string): WaitOptions {
  checkOptions(options, ['signal', 'timeout'], what)
  if (options.timeout !== undefined) checkCount(options.timeout, 'timeout', 0, LONGEST_TIMER)
  return options
}

/** The largest count of a stream's stores, which may have been filled at different times. */
function countDeleted(answer: JsonRecord, stream: string): number {
  if (answer['@success'] === true) {
    const counts = storeReports(DELETE, answer, stream, 'num_deleted').map((report) => report.num_deleted as number)
    return Math.max(0, ...counts)
  }
  const errors = [...stringsIn(answer['@errors']), ...reportedErrors(answer[stream])]
  throw new KairosError(
    'KAIROS_STORE_FAILED',
    `${DELETE}: ${errors.join('; ') || 'the server did not report success'}`,
    {
      driver: 'http',
      operation: DELETE,
      retryable: true,
      errors,
    },
  )
}

function wholeText(answer: StreamedResponse): Promise<string> {
  return answer.text()
}

/** The names of streams, one per line; the last line is terminated too. */
async function namesIn(answer: StreamedResponse): Promise<readonly string[]> {
  const names: string[] = []
  try {
    for await (const lines of readLines(STREAMS, answer.pieces)) {
      const wrong = lines.find((name) => !isStreamName(name))
      if (wrong !== undefined) throw invalidResponse(STREAMS, wrong)
      if (lines.length > 0) answer.progress()
      names.push(...lines)
    }
  } finally {
    answer.cancel()
  }
  return names
}

/** The fields of each request of a delete: as many as its ids take. */
function deletions(
  stream: string,
  { keys, dryRun }: CheckedDelete,
  { start, end, after, namespace }: DeleteOptions,
): readonly Readonly<Record<string, unknown>>[] {
  const common = { stream, namespace, ...(dryRun ? { dry_run: true } : {}) }
  if (keys !== null) {
    const ids = keys.map(keyToId)
    const requests = Math.max(1, Math.ceil(ids.length / MOST_IDS))
    return Array.from({ length: requests }, (_, n) => ({ ...common, id: ids.slice(n * MOST_IDS, (n + 1) * MOST_IDS) }))
  }
  const first = start === undefined ? EARLIEST_TIME : toEventTicks(start, 'start')
  const key = after === undefined ? undefined : parseId(after, 'after')
  const range = {
    ...common,
    start_time: first,
    end_time: end === undefined ? LATEST_TIME : toEventTicks(end, 'end'),
    // To the original, `start_id` replaces `start_time`: an earlier one would delete more.
    ...(key === undefined || keyToTime(key) < first ? {} : { start_id: keyToId(key) }),
  }
  return [range]
}
