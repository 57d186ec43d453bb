import type { Point, Timeseries, TimeseriesShape } from '@kairos/core'
import { checkCount, checkFunction, checkOptions } from './internal/options.ts'
import { secondsOf } from './time.ts'
import type { StoredFields } from './types.ts'

/** What an event counts for: a point of a timeseries, whose timestamp is the event's where it has none. */
export type TallyPoint<S extends TimeseriesShape> = S['type'] extends 'count'
  ? Omit<Point<S>, 'value'> & Partial<Pick<Point<S>, 'value'>>
  : Point<S>

export interface TallyOptions {
  /** Events a write; default 1,000. */
  readonly batch?: number
  /** `'once'`: a write whose answer was lost is repeated without counting twice, where the timeseries' store can. */
  readonly delivery?: 'once'
  /** Told after each write: the id of the last event that is counted. Keep it, and go on with `after: cursor`. */
  readonly onProgress?: (cursor: string) => void | Promise<void>
  readonly signal?: AbortSignal
}

export interface TallyResult {
  /** Events that were read. */
  readonly events: number
  /** (value, bucket) pairs that were written, and that fell into expired buckets: as `bulkInsert` tells them. */
  readonly stored: number
  readonly expired: number
  /** The id of the last event; null: there was none. */
  readonly cursor: string | null
}

/**
 * Fills a timeseries from a stream: each event becomes a point, several, or none. Stops where the events end, or at the first write that fails;
 * what `onProgress` was told stands. Events between that and a crash are counted again by whoever goes on: twice at most by one batch, and
 * without effect in gauges and sets.
 * @example
 * const { cursor } = await tally(events.get('visits', { after }), hits, (event) => ({ name: String(event.page) }))
 */
export async function tally<S extends TimeseriesShape, Event extends StoredFields>(
  events: AsyncIterable<Event>,
  timeseries: Timeseries<S>,
  toPoints: (event: Event) => TallyPoint<S> | readonly TallyPoint<S>[] | null | undefined,
  options: TallyOptions = {},
): Promise<TallyResult> {
  checkOptions(options, ['batch', 'delivery', 'onProgress', 'signal'], 'tally')
  const { batch = 1_000, delivery, onProgress, signal } = options
  checkCount(batch, 'batch', 1)
  if (onProgress !== undefined) checkFunction(onProgress, 'onProgress')
  const result = { events: 0, stored: 0, expired: 0, cursor: null as string | null }
  let points: TallyPoint<S>[] = []
  let waiting = 0

  async function write(cursor: string): Promise<void> {
    const written = await timeseries.bulkInsert(points as never, { delivery, signal } as never)
    result.stored += written.stored
    result.expired += written.expired
    result.events += waiting
    result.cursor = cursor
    points = []
    waiting = 0
    await onProgress?.(cursor)
  }

  let last = ''
  for await (const event of events) {
    for (const point of [toPoints(event) ?? []].flat() as TallyPoint<S>[]) {
      points.push({ ...point, timestamp: point.timestamp ?? secondsOf(event['@time']) })
    }
    last = event['@id']
    waiting++
    if (waiting === batch) await write(last)
  }
  if (waiting > 0) await write(last)
  return result
}
