import { KairosError } from '@kairos/core'
import { connectionOf } from '@kairos/core/calls'
import { withDetails } from '@kairos/core/driver'
import { invalidOption } from '../checks/errors.ts'
import { checkNamespace, checkNamespaces, DEFAULT_NAMESPACES } from '../checks/namespaces.ts'
import { checkCount, checkFunction, checkOptions, checkText, LONGEST_TIMER } from '../checks/options.ts'
import { checkedClock, systemTicks } from '../event/clock.ts'
import { checkDeleteOptions } from '../event/delete-options.ts'
import { encodeEvents, toEventList } from '../event/encode-events.ts'
import { decodeEvent } from '../event/event-codec.ts'
import { checkOrder, keyRange, singleKeyRange } from '../event/key-range.ts'
import { createKeyMaker, keyToId, parseId } from '../event/keys.ts'
import { checkStreamName } from '../event/stream-name.ts'
import { later, toEventTicks } from '../event/time.ts'
import { type StreamSource, withSource } from '../tally/stream-source.ts'
import type {
  AnyStreams,
  EventStore,
  EventStoreConfig,
  EventStoreSource,
  GetOptions,
  StreamEvent,
  StreamTypes,
} from '../types.ts'
import { EventLog } from './event-log.ts'
import { evict } from './eviction.ts'
import { inferSchema } from './infer-schema.ts'
import { liveStreams } from './live-streams.ts'
import { readPage } from './read-page.ts'
import { RetentionRules } from './retention.ts'
import { checkRetryPolicy } from './retry-policy.ts'
import { registerStore } from './store-registry.ts'

const CALL = ['namespace', 'signal'] as const
const RANGE = [...CALL, 'start', 'end'] as const
const SAMPLE = 100
const MAX_SCHEMA_BYTES = 1_000_000
const MAX_SCHEMA_PARTS = 10_000

/**
 * Creates event streams on a driver, or on the store at a URL. Checks the configuration immediately, and connects on first use or with `open()`.
 * @throws KAIROS_INVALID_CONFIG, KAIROS_SPEC_MISMATCH
 * @example
 * const events = createEventStore('sqlite:events.db')
 * await events.put('visits', { page: '/home', took: 0.25 })
 * for await (const event of events.get('visits', { start: '2024-05-06' })) console.log(event['@time'], event.page)
 */
export function createEventStore<Streams extends StreamTypes<Streams> = AnyStreams>(
  source: EventStoreSource,
  config: EventStoreConfig = {},
): EventStore<Streams> {
  checkOptions(config, ['namespaces', 'retention', 'now', 'clientConfig', 'patience', 'onRetry'], 'createEventStore')
  const { namespaces = DEFAULT_NAMESPACES, retention = {}, now = systemTicks, clientConfig } = config
  checkFunction(now, 'now')
  if (clientConfig !== undefined && !(typeof clientConfig === 'object' && clientConfig !== null)) {
    throw invalidOption({ path: 'clientConfig', expected: 'an object', value: clientConfig })
  }
  const clock = checkedClock(now)
  const log = new EventLog(connectionOf(source, clientConfig), {
    namespaces: checkNamespaces(namespaces),
    retention: new RetentionRules(retention, clock),
    now: clock,
    retryPolicy: checkRetryPolicy(config),
  })
  const store = storeOn(log)
  registerStore(store, log)
  // The types of the streams exist for the compiler only.
  return store as unknown as EventStore<Streams>
}

function storeOn(log: EventLog): EventStore {
  const newKey = createKeyMaker()
  const namespaceOf = (options: { readonly namespace?: string }): string =>
    checkNamespace(options.namespace, log.namespaces)
  const close = async (options: { readonly timeout?: number } = {}): Promise<void> => {
    checkOptions(options, ['timeout'], 'close')
    const { timeout } = options
    if (timeout !== undefined) checkCount(timeout, 'timeout', 0, LONGEST_TIMER)
    return log.close(timeout)
  }
  return {
    id: log.id,
    namespaces: log.namespaces,
    async open() {
      await log.open()
      return this
    },
    async put(stream, events, options = {}) {
      checkOptions(options, CALL, 'put')
      const encoded = encodeEvents(checkStreamName(stream), toEventList(events), log.now(), newKey)
      const ids = encoded.map(({ key }) => keyToId(key))
      const isNew = await log.append(namespaceOf(options), stream, encoded, options.signal).catch((error: unknown) => {
        throw withDetails(error, { stored: 0, ...(KairosError.is(error) ? { stored: error.stored ?? 0 } : {}), ids })
      })
      const inserted = isNew.filter(Boolean).length
      return { inserted, duplicates: encoded.length - inserted, ids }
    },
    get: (stream, options = {}) => withSource(getEvents(log, stream, options), streamSource(log, stream, options)),
    async page(stream, options = {}) {
      checkOptions(options, [...RANGE, 'cursor', 'limit', 'maxBytes', 'order'], 'page')
      return readPage(log, namespaceOf(options), checkStreamName(stream), options)
    },
    async delete(stream, options = {}) {
      const { keys, dryRun } = checkDeleteOptions(options)
      const ranges = keys === null ? [keyRange(options)] : keys.map(singleKeyRange)
      return log.deleteRanges(namespaceOf(options), checkStreamName(stream), ranges, { dryRun, signal: options.signal })
    },
    async streams(options = {}) {
      checkOptions(options, [...CALL, 'prefix'], 'streams')
      const { prefix = '', signal } = options
      checkText(prefix, 'prefix')
      return liveStreams(log, namespaceOf(options), prefix, signal)
    },
    async inferSchema(stream, options = {}) {
      checkOptions(options, [...CALL, 'sample', 'maxBytes', 'maxParts'], 'inferSchema')
      const { sample = SAMPLE, maxBytes = MAX_SCHEMA_BYTES, maxParts = MAX_SCHEMA_PARTS, signal } = options
      checkCount(sample, 'sample', 1)
      checkCount(maxBytes, 'maxBytes', 1)
      checkCount(maxParts, 'maxParts', 1)
      const limits = { sample, maxBytes, maxParts, signal }
      return inferSchema(log, namespaceOf(options), checkStreamName(stream), limits)
    },
    async evict(options = {}) {
      checkOptions(options, ['signal'], 'evict')
      return evict(log, options.signal)
    },
    close,
    [Symbol.asyncDispose]: () => close(),
  }
}

async function* getEvents(
  log: EventLog,
  stream: string,
  options: GetOptions,
): AsyncGenerator<StreamEvent, void, undefined> {
  checkOptions(options, [...RANGE, 'after', 'limit', 'order'], 'get')
  const namespace = checkNamespace(options.namespace, log.namespaces)
  const order = checkOrder(options.order)
  const limit = options.limit === undefined ? Number.POSITIVE_INFINITY : checkCount(options.limit, 'limit')
  const { start, end, after } = options
  const request = { ...keyRange({ start, end, ...(after === null ? {} : { after }) }, order), order, limit }
  for await (const events of log.pages(namespace, checkStreamName(stream), request, options.signal)) {
    for (const event of events) yield decodeEvent(event)
  }
}

/** What `tally` needs to know of a `get`. It asks once the options have been checked. */
function streamSource(log: EventLog, stream: string, options: GetOptions): StreamSource {
  const { start, after = null, order = 'ascending', namespace, signal } = options ?? {}
  return {
    order,
    after,
    now: log.now,
    count(from, upTo) {
      const { first } = keyRange({ start: start === undefined ? from : later(from, toEventTicks(start, 'start')) })
      return log.count(
        checkNamespace(namespace, log.namespaces),
        stream,
        { first, last: parseId(upTo, 'after') },
        signal,
      )
    },
  }
}
