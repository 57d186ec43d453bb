import { KairosError } from '@kairos/core'
import { describe } from '@kairos/core/driver'
import { checkStream, keyFrom } from '../event.ts'
import { createKeys, EARLIEST, idOfKey, LATEST } from '../ids.ts'
import { type Deletion, deletionOf } from '../internal/deletion.ts'
import { checkCount, checkFunction, checkOptions, checkRecord, checkText, LONGEST_WAIT } from '../internal/options.ts'
import type { JsonSchema } from '../json/schema.ts'
import { jsonOf } from '../json/values.ts'
import { encodeAll, listOf } from '../store/encode.ts'
import { systemTicks, ticksOf } from '../time.ts'
import type { DeleteOptions, EventInput } from '../types.ts'
import { FunctionLog } from './logging.ts'
import { Queue } from './queue.ts'
import { readEvents } from './read.ts'
import { type Addressed, nextRequest, Sender } from './send.ts'
import { Transport } from './transport.ts'
import type { EventClient, EventClientOptions, ServerIndex } from './types.ts'

const OPTIONS = [
  'namespace',
  'background',
  'onError',
  'patience',
  'timeout',
  'headers',
  'library',
  'now',
  'fetch',
] as const
const CALL = ['namespace', 'signal'] as const
const RANGE = [...CALL, 'start', 'end', 'after'] as const
const LIBRARY = { name: '@kairos/events' }
const PATIENCE = 30_000
const TIMEOUT = 30_000

/**
 * A client of the server at this URL, which speaks the protocol of Kronos: this package's, or the original's.
 * @throws KAIROS_INVALID_CONFIG
 * @example
 * const client = createEventClient('http://127.0.0.1:8150')
 * await client.put('visits', { page: '/home' })
 */
export function createEventClient(url: string, options: EventClientOptions = {}): EventClient {
  checkOptions(options, OPTIONS, 'createEventClient')
  const { namespace, library = LIBRARY, now = systemTicks, headers = {}, background = {} } = options
  const { patience = PATIENCE, timeout = TIMEOUT, fetch: send = fetch } = options
  if (namespace !== undefined) checkText(namespace, 'namespace')
  if (options.onError !== undefined) checkFunction(options.onError, 'onError')
  if (library !== null) checkRecord(library, 'library')
  checkFunction(now, 'now')
  checkRecord(headers, 'headers')
  checkFunction(send, 'fetch')
  const onError: NonNullable<EventClientOptions['onError']> = (error, lost) => {
    try {
      options.onError?.(error, lost)
    } catch {
      // Here it ends: what is logged must not change, and what waits must be sent.
    }
  }
  const transport = new Transport(checkUrl(url), {
    patience: checkCount(patience, 'patience'),
    timeout: checkCount(timeout, 'timeout', 1, LONGEST_WAIT),
    headers,
    fetch: send,
  })
  const newKey = createKeys()
  const sender = new Sender(transport, index)
  const queue = new Queue(sender, background, onError)
  const log = new FunctionLog((stream, event, within) => {
    enqueue(stream, event, within === undefined ? {} : { namespace: within })
  }, onError)
  let closed = false

  /** The call's own namespace, or the client's. */
  function within<Options extends { readonly namespace?: string }>(call: Options): Options {
    return namespace === undefined || call.namespace !== undefined ? call : { ...call, namespace }
  }

  function enter(): void {
    if (closed) throw new KairosError('KAIROS_CLOSED', 'the client is closed; make a new one with createEventClient')
  }

  function address(stream: string, events: EventInput | Iterable<EventInput>, namespace: string | undefined) {
    enter()
    const list = listOf(events)
    const labelled = library === null ? list : list.map((event) => ({ ...event, '@library': library }))
    const encoded = encodeAll(checkStream(stream), labelled, now(), newKey)
    return encoded.map((event): Addressed => ({ namespace, stream, event }))
  }

  function enqueue(
    stream: string,
    events: EventInput | Iterable<EventInput>,
    call: { readonly namespace?: string } = {},
  ): readonly string[] {
    checkOptions(call, ['namespace'], 'enqueue')
    const addressed = address(stream, events, within(call).namespace)
    queue.add(addressed)
    return addressed.map(({ event }) => idOfKey(event.key))
  }

  async function index(signal: AbortSignal | undefined): Promise<ServerIndex> {
    const answer = JSON.parse(await transport.call('/1.0/index', null, signal))
    const { service, version, id, storage } = answer as ServerIndex
    return { service, version, id, storage, keepsIds: (answer as { '@keeps_ids'?: boolean })['@keeps_ids'] === true }
  }

  async function call(path: string, fields: object, signal: AbortSignal | undefined): Promise<unknown> {
    enter()
    return JSON.parse(await transport.call(path, jsonOf(fields), signal))
  }

  async function close(): Promise<void> {
    closed = true
    await queue.flush()
  }

  return {
    async put(stream, events, callOptions = {}) {
      checkOptions(callOptions, CALL, 'put')
      const addressed = address(stream, events, within(callOptions).namespace)
      let [inserted, duplicates] = [0, 0]
      for (let rest: readonly Addressed[] = addressed; rest.length > 0; ) {
        const request = nextRequest(rest)
        const counts = await sender.send(request, callOptions.signal)
        inserted += counts.inserted
        duplicates += counts.duplicates
        rest = rest.slice(request.length)
      }
      return { inserted, duplicates, ids: addressed.map(({ event }) => idOfKey(event.key)) }
    },
    enqueue,
    async *get(stream, callOptions = {}) {
      checkOptions(callOptions, [...RANGE, 'limit', 'order'], 'get')
      enter()
      yield* readEvents(transport, checkStream(stream), within(callOptions))
    },
    async delete(stream, callOptions = {}) {
      const fields = deletionFields(checkStream(stream), deletionOf(callOptions), within(callOptions))
      const answer = (await call('/1.0/events/delete', fields, callOptions.signal)) as Deleted
      return countDeleted(answer, stream)
    },
    async streams(callOptions = {}) {
      checkOptions(callOptions, [...CALL, 'prefix'], 'streams')
      const { prefix = '', signal } = callOptions
      checkText(prefix, 'prefix')
      enter()
      const body = jsonOf({ namespace: within(callOptions).namespace })
      const text = await transport.call('/1.0/streams', body, signal)
      return text
        .split(/\r?\n/)
        .filter((name) => name !== '' && name.startsWith(prefix))
        .sort()
    },
    async inferSchema(stream, callOptions = {}) {
      checkOptions(callOptions, CALL, 'inferSchema')
      const fields = { stream: checkStream(stream), namespace: within(callOptions).namespace }
      const answer = await call('/1.0/streams/infer_schema', fields, callOptions.signal)
      const { $schema: _, ...schema } = (answer as { schema: JsonSchema & { $schema?: string } }).schema
      return schema
    },
    async index(callOptions = {}) {
      checkOptions(callOptions, ['signal'], 'index')
      enter()
      return index(callOptions.signal)
    },
    logFunction: (stream, logged, logOptions) => log.logFunction(stream, logged, logOptions),
    logScope: <Result>(...scope: Parameters<typeof log.logScope<Result>>) => log.logScope<Result>(...scope) as Result,
    flush: () => queue.flush(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

interface Deleted {
  readonly '@success': boolean
  readonly [stream: string]: unknown
}

/** The largest count of the stores of a stream; they may have been filled at different times. */
function countDeleted(answer: Deleted, stream: string): number {
  const reports = Object.values(
    answer[stream] as Readonly<Record<string, { num_deleted: number; '@errors'?: string[] }>>,
  )
  if (answer['@success']) return Math.max(0, ...reports.map((report) => report.num_deleted))
  const errors = reports.flatMap((report) => report['@errors'] ?? [])
  throw new KairosError('KAIROS_STORE_FAILED', `delete: ${errors.join('; ') || 'the server reports no success'}`, {
    driver: 'http',
    operation: 'delete',
    retryable: true,
    errors,
  })
}

function deletionFields(
  stream: string,
  { keys, dryRun }: Deletion,
  { start, end, after, namespace }: DeleteOptions,
): Readonly<Record<string, unknown>> {
  const common = { stream, namespace, ...(dryRun ? { dry_run: true } : {}) }
  if (keys !== null) return { ...common, id: keys.map(idOfKey) }
  return {
    ...common,
    start_time: start === undefined ? EARLIEST : ticksOf(start),
    end_time: end === undefined ? LATEST : ticksOf(end),
    ...(after === undefined ? {} : { start_id: idOfKey(keyFrom(after)) }),
  }
}

function checkUrl(url: unknown): string {
  if (typeof url === 'string' && /^https?:\/\//.test(url) && URL.canParse(url)) return url
  throw new KairosError('KAIROS_INVALID_CONFIG', `${describe(url)} is not the URL of a server; want http://host:port`, {
    path: 'url',
    value: url,
  })
}
