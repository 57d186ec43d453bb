import { checkCount } from '../checks/options.ts'
import { checkOrder } from '../event/key-range.ts'
import { EARLIEST_TIME, idToKey, keyToId, keyToTime, LATEST_TIME, parseId } from '../event/keys.ts'
import { toEventTicks } from '../event/time.ts'
import { encodeJson } from '../json/json-values.ts'
import type { GetOptions, Order, StreamEvent } from '../types.ts'
import { parseLine, readLines } from './event-lines.ts'
import { invalidResponse } from './responses.ts'
import { isRetryable, type Transport } from './transport.ts'

const PATH = '/1.0/events/get'

/** Reads events, each once, with as many requests as it takes. */
export async function* readEvents(
  transport: Transport,
  stream: string,
  { start, end, after, limit, order, namespace, signal }: GetOptions,
): AsyncGenerator<StreamEvent, void, undefined> {
  const place = new ReadPosition(checkOrder(order), limit === undefined ? undefined : checkCount(limit, 'limit'))
  if (after !== undefined && after !== null) place.begin(parseId(after, 'after'))
  const bounds = {
    stream,
    namespace,
    start_time: start === undefined ? EARLIEST_TIME : toEventTicks(start, 'start'),
    end_time: end === undefined ? LATEST_TIME : toEventTicks(end, 'end'),
  }
  const backoff = transport.backoff()
  while (!place.isDone) {
    try {
      const answer = await transport.send(
        PATH,
        encodeJson({ ...bounds, ...place.fields(bounds.start_time, bounds.end_time) }),
        signal,
      )
      place.beginResponse()
      try {
        for await (const lines of readLines(PATH, answer.pieces)) {
          for (const line of lines) {
            const event = parse(line)
            if (!place.take(event, line)) continue
            answer.progress()
            backoff.progress()
            yield event
            if (place.isDone) return
          }
        }
        return
      } finally {
        answer.cancel()
      }
    } catch (error) {
      if (!isRetryable(error) || !(await backoff.wait(signal))) throw error
    }
  }
}

function parse(line: string): StreamEvent {
  try {
    return parseLine(line)
  } catch (error) {
    throw invalidResponse(PATH, line, error)
  }
}

/** How far a read has got, and the fields of the request that continues it. */
class ReadPosition {
  readonly #order: Order
  #left: number | undefined
  /** The key of the last event taken. */
  #key: string | undefined
  /** How many events with its time were taken. Unknown if the caller began after an event. */
  #ties: number | undefined = 0
  /** Whether events of this response were taken. Those before them may be repetitions of an earlier response. */
  #hasTaken = false

  constructor(order: Order, limit: number | undefined) {
    this.#order = order
    this.#left = limit
  }

  get isDone(): boolean {
    return this.#left === 0
  }

  begin(key: string): void {
    this.#key = key
    this.#ties = undefined
  }

  beginResponse(): void {
    this.#hasTaken = false
  }

  /**
   * Takes an event, and returns whether it is new to the reader.
   * @throws KAIROS_STORE_FAILED if its place is before that of the last one of the same response: the server sends another order
   */
  take(event: StreamEvent, line: string): boolean {
    const key = idToKey(event['@id'])!
    if (this.#key !== undefined && (this.#order === 'ascending' ? key <= this.#key : key >= this.#key)) {
      if (!this.#hasTaken || key === this.#key) return false
      // Servers order events of one time differently.
      if (keyToTime(key) !== keyToTime(this.#key)) throw invalidResponse(PATH, line)
    }
    this.#hasTaken = true
    if (this.#key === undefined || keyToTime(this.#key) !== keyToTime(key)) this.#ties = 1
    else if (this.#ties !== undefined) this.#ties++
    this.#key = key
    if (this.#left !== undefined) this.#left--
    return true
  }

  /**
   * In ascending order, every server continues after `start_id`. In descending order, the original has no such bound: the request ends at the time
   * of the last event, events that arrive again are dropped, and the limit leaves room for them.
   */
  fields(start: bigint, end: bigint): Readonly<Record<string, unknown>> {
    const order = this.#order
    const [key, left] = [this.#key, this.#left]
    const time = key === undefined ? undefined : keyToTime(key)
    // An event outside the range is not a bound.
    if (key === undefined || time === undefined || time < start || time > end) return { order, limit: left }
    if (order === 'ascending') return { order, limit: left, start_id: keyToId(key) }
    const limit = left === undefined || this.#ties === undefined ? undefined : left + this.#ties
    return { order, limit, end_id: keyToId(key), end_time: time }
  }
}
