import type { Timeseries, TimeseriesShape } from '@kairos/core'
import { invalidOption } from '../checks/errors.ts'
import { checkCount, checkFunction, checkOptions } from '../checks/options.ts'
import { systemTicks } from '../event/clock.ts'
import { toEventTicks, toIso, toSeconds } from '../event/time.ts'
import type { StoredFields } from '../types.ts'
import { countLate } from './late-events.ts'
import { sourceOf } from './stream-source.ts'
import type { TallyOptions, TallyPoint, TallyResult } from './types.ts'

const OPTIONS = ['batch', 'delivery', 'settle', 'previous', 'watch', 'onProgress', 'signal'] as const
const BATCH = 1_000
/** Seconds. */
const SETTLE = 30
const WATCH = 3_600
const TICKS_A_SECOND = 10_000_000

/**
 * Fills a timeseries from a stream in ascending order: each event becomes one point, several, or none. Stops where the events end or are younger
 * than `settle`, and at the first write that fails; everything already reported to `onProgress` stays counted. If the process crashes between a
 * write and keeping its cursor, the events of that batch, at most, are counted again when the tally continues. That has no effect on gauges and
 * sets.
 * @throws KAIROS_INVALID_CONFIG, and what `bulkInsert` of the timeseries throws
 * @example
 * let previous: TallyResult | undefined
 * previous = await tally(events.get('visits', { after: previous?.cursor }), hits, (event) => ({ name: String(event.page) }), { previous })
 */
export async function tally<S extends TimeseriesShape, Event extends StoredFields>(
  events: AsyncIterable<Event>,
  timeseries: Timeseries<S>,
  toPoints: (event: Event) => TallyPoint<S> | readonly TallyPoint<S>[] | null | undefined,
  options: TallyOptions = {},
): Promise<TallyResult> {
  checkOptions(options, OPTIONS, 'tally')
  if (typeof events?.[Symbol.asyncIterator] !== 'function') {
    throw invalidOption({ path: 'events', expected: 'the events of a stream, as get returns them', value: events })
  }
  const { batch = BATCH, delivery, settle = SETTLE, previous, watch = WATCH, onProgress, signal } = options
  checkCount(batch, 'batch', 1)
  if (onProgress !== undefined) checkFunction(onProgress, 'onProgress')
  if (delivery !== undefined && delivery !== 'once') {
    throw invalidOption({ path: 'delivery', expected: "'once'", value: delivery })
  }
  const source = sourceOf(events)
  if (source?.order === 'descending') {
    throw invalidOption({ path: 'order', expected: "'ascending' in a tally", value: source.order })
  }
  const horizon = (source?.now ?? systemTicks)() - ticksIn(settle, 'settle')
  const seen = await countLate(source, previous, horizon, ticksIn(watch, 'watch'))
  let result: TallyResult = {
    events: 0,
    stored: 0,
    expired: 0,
    cursor: source?.after ?? null,
    settled: toIso(horizon),
    waiting: false,
    ...seen,
  }
  let points: TallyPoint<S>[] = []
  let [pending, watched] = [0, 0]

  async function write(cursor: string): Promise<void> {
    const { stored, expired } = await timeseries.bulkInsert(points as never, { delivery, signal } as never)
    result = {
      ...result,
      events: result.events + pending,
      stored: result.stored + stored,
      expired: result.expired + expired,
      cursor,
      count: result.count === null ? null : result.count + watched,
    }
    points = []
    pending = 0
    watched = 0
    await onProgress?.(cursor, result)
  }

  let last = ''
  const since = seen.since === null ? null : toEventTicks(seen.since)
  for await (const event of events) {
    const time = event['@time']
    if (time > horizon) {
      result = { ...result, waiting: true }
      // All that follow are younger still, unless the events come from elsewhere, in an unknown order.
      if (source !== undefined) break
      continue
    }
    for (const point of [toPoints(event) ?? []].flat() as TallyPoint<S>[]) {
      points.push({ ...point, timestamp: point.timestamp ?? toSeconds(time) })
    }
    last = event['@id']
    pending++
    if (since !== null && time >= since) watched++
    if (pending === batch) await write(last)
  }
  if (pending > 0) await write(last)
  return result
}

function ticksIn(seconds: unknown, path: string): bigint {
  if (typeof seconds === 'number' && seconds >= 0 && seconds <= 10 ** 9)
    return BigInt(Math.round(seconds * TICKS_A_SECOND))
  throw invalidOption({ path, expected: 'seconds from 0 to 10^9', value: seconds })
}
