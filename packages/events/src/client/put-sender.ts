import { KairosError } from '@kairos/core'
import type { StoredEvent } from '@kairos/core/driver'
import { encodeLine } from '../event/event-codec.ts'
import { encodeString } from '../json/json-values.ts'
import {
  invalidResponse,
  type JsonRecord,
  parseEnvelope,
  reportedErrors,
  storeReports,
  stringsIn,
} from './responses.ts'
import { isRetryable, type Transport } from './transport.ts'
import type { ServerIndex } from './types.ts'

const PATH = '/1.0/events/put'

/** The bounds of one request. They are well below a server's limits, because a lost request is sent again completely. */
const MOST_EVENTS = 1_000
const MOST_CHARACTERS = 1_000_000

/** Errors of connections that were never established: nothing can have arrived. */
const UNSENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']

/** What a server did with a request's events. */
export interface PutCounts {
  readonly inserted: number
  readonly duplicates: number
}

/** What became of the next `count` events. */
export type SentPart = { readonly count: number } & (
  | { readonly counts: PutCounts; readonly error?: never }
  | { readonly counts?: never; readonly error: unknown }
)

/** An event to send, and its destination. */
export interface OutgoingEvent {
  readonly namespace: string | undefined
  readonly stream: string
  readonly event: StoredEvent
}

/** How many events, from the first on, go into one request: all of one namespace, and within its bounds. */
export function nextRequestSize(events: Iterable<OutgoingEvent>): number {
  let characters = 0
  let count = 0
  let first: string | undefined
  for (const { namespace, event } of events) {
    if (count === 0) first = namespace
    characters += event.body.length
    const isTooMuch = count === MOST_EVENTS || (count > 0 && characters > MOST_CHARACTERS)
    if (isTooMuch || namespace !== first) break
    count++
  }
  return count
}

/** Sends put requests, each until its events are known to be stored, as long as repeating it is safe. */
export class PutSender {
  readonly #transport: Transport
  readonly #index: (signal: AbortSignal | undefined) => Promise<ServerIndex>
  #keepsIds: boolean | undefined

  constructor(transport: Transport, index: (signal: AbortSignal | undefined) => Promise<ServerIndex>) {
    this.#transport = transport
    this.#index = index
  }

  /** @throws KAIROS_STORE_FAILED, `retryable` if the events may or may not be stored */
  async send(events: readonly OutgoingEvent[], signal: AbortSignal | undefined): Promise<PutCounts> {
    const body = bodyOf(events)
    const backoff = this.#transport.backoff()
    for (;;) {
      try {
        return readCounts(events, await (await this.#transport.send(PATH, body, signal)).text())
      } catch (error) {
        if (!isRetryable(error) || !(await this.#maySendAgain(error, signal))) throw error
        if (!(await backoff.wait(signal))) throw error
      }
    }
  }

  /**
   * Sends events in one request, or in smaller ones if the server refuses it as too large: its limits are not known. Yields what became of each
   * part, in order.
   */
  async *sendInParts(
    events: readonly OutgoingEvent[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<SentPart, void, void> {
    const parts = [events]
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      try {
        yield { count: part.length, counts: await this.send(part, signal) }
      } catch (error) {
        const half = Math.ceil(part.length / 2)
        if (half < part.length && isTooLarge(error)) parts.push(part.slice(half), part.slice(0, half))
        else yield { count: part.length, error }
      }
    }
  }

  /** A server that assigns its own ids would store events twice. It is asked once, and only when it matters. */
  async #maySendAgain(error: unknown, signal: AbortSignal | undefined): Promise<boolean> {
    if (isUnsent(error)) return true
    try {
      this.#keepsIds ??= (await this.#index(signal)).keepsIds
      return this.#keepsIds
    } catch {
      return false
    }
  }
}

function isTooLarge(error: unknown): boolean {
  return KairosError.is(error) && error.status === 413
}

function isUnsent(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && UNSENT.includes(String(cause.code))) return true
  }
  return false
}

function bodyOf(events: readonly OutgoingEvent[]): string {
  const streams = new Map<string, string>()
  for (const { stream, event } of events) {
    const before = streams.get(stream)
    streams.set(stream, before === undefined ? encodeLine(event) : `${before},${encodeLine(event)}`)
  }
  const members = [...streams].map(([stream, list]) => `${encodeString(stream)}:[${list}]`)
  const namespace = events[0]?.namespace
  return `{"events":{${members.join(',')}}${namespace === undefined ? '' : `,"namespace":${encodeString(namespace)}`}}`
}

/** The counts of the first store of each stream; the other stores hold the same events. */
function readCounts(events: readonly OutgoingEvent[], text: string): PutCounts {
  const answer = parseEnvelope(PATH, text)
  if (answer['@success'] !== true) throw notStored(answer)
  const counts = { inserted: 0, duplicates: 0 }
  for (const [stream, sent] of countsByStream(events)) {
    const reports = storeReports(PATH, answer, stream, 'num_inserted').map(({ num_inserted, num_duplicates }) => ({
      inserted: num_inserted as number,
      duplicates: typeof num_duplicates === 'number' ? num_duplicates : 0,
    }))
    // A store that reports fewer has not stored all.
    if (reports.some(({ inserted, duplicates }) => inserted + duplicates !== sent)) throw invalidResponse(PATH, text)
    counts.inserted += reports[0]!.inserted
    counts.duplicates += reports[0]!.duplicates
  }
  return counts
}

function countsByStream(events: readonly OutgoingEvent[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { stream } of events) counts.set(stream, (counts.get(stream) ?? 0) + 1)
  return counts
}

function notStored(answer: JsonRecord): KairosError {
  const refusals = stringsIn(answer['@errors'])
  const reports = Object.entries(answer).flatMap(([member, report]) => (member.startsWith('@') ? [] : [report]))
  const errors = [...refusals, ...reports.flatMap(reportedErrors)]
  return new KairosError(
    'KAIROS_STORE_FAILED',
    `${PATH}: ${errors.join('; ') || 'the server did not report success'}`,
    // A server refuses the same request again, but a store behind it may recover.
    { driver: 'http', operation: PATH, retryable: refusals.length === 0, status: 200, errors },
  )
}
