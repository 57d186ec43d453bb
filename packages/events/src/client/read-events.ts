import { checkCount } from '../checks/options.ts'
import { parseId } from '../event/event-codec.ts'
import { checkOrder } from '../event/key-range.ts'
import { EARLIEST_TIME, idToKey, keyToId, keyToTime, LATEST_TIME } from '../event/keys.ts'
import { toEventTicks } from '../event/time.ts'
import { encodeJson } from '../json/json-values.ts'
import type { GetOptions, Order, StreamEvent } from '../types.ts'
import { parseLine, readLines } from './event-lines.ts'
import { invalidResponse } from './responses.ts'
import { isRetryable, type Transport } from './transport.ts'

const PATH = '/1.0/events/get'

/** Reads events over as many requests as it takes; each event once. */
export async function* readEvents(
  transport: Transport,
  stream: string,
  { start, end, after, limit, order, namespace, signal }: GetOptions,
): AsyncGenerator<StreamEvent, void, undefined> {
  const place = new ReadPosition(checkOrder(order), limit === undefined ? undefined : checkCount(limit, 'limit'))
  if (after !== undefined && after !== null) place.begin(parseId(after))
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
      try {
        for await (const lines of readLines(PATH, answer.pieces)) {
          for (const line of lines) {
            const event = parse(line)
            if (!place.take(event)) continue
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
      if (!isRetryable(error) || !(await backoff.pause(signal))) throw error
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

/** How far a read has come, and the fields of the request that goes on from there. */
class ReadPosition {
  readonly #order: Order
  #left: number | undefined
  /** The key of the last event that was taken. */
  #key: string | undefined
  /** How many events of its time were taken. Unknown where the caller began after an event. */
  #ties: number | undefined = 0

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

  /** Whether an event is new to the reader, which then has it. */
  take(event: StreamEvent): boolean {
    const key = idToKey(event['@id'])!
    if (this.#key !== undefined && (this.#order === 'ascending' ? key <= this.#key : key >= this.#key)) return false
    if (this.#key === undefined || keyToTime(this.#key) !== keyToTime(key)) this.#ties = 1
    else if (this.#ties !== undefined) this.#ties++
    this.#key = key
    if (this.#left !== undefined) this.#left--
    return true
  }

  /**
   * Ascending, every server goes on behind `start_id`. Descending, the original knows no such bound: it is given the time of the last event as
   * the end, what it sends once more is left out, and the limit has room for it.
   */
  fields(start: bigint, end: bigint): Readonly<Record<string, unknown>> {
    const order = this.#order
    const [key, left] = [this.#key, this.#left]
    const time = key === undefined ? undefined : keyToTime(key)
    // An event outside the range bounds nothing.
    if (key === undefined || time === undefined || time < start || time > end) return { order, limit: left }
    if (order === 'ascending') return { order, limit: left, start_id: keyToId(key) }
    const limit = left === undefined || this.#ties === undefined ? undefined : left + this.#ties
    return { order, limit, end_id: keyToId(key), end_time: time }
  }
}
