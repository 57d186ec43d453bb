import { KairosError, type Point, type Timeseries, type TimeseriesShape } from '@kairos/core'
import { describe } from '@kairos/core/driver'
import { checkCount, checkFunction, checkOptions, checkRecord, invalidOption } from '../checks/options.ts'
import { parseId } from '../event/event-codec.ts'
import { EARLIEST_TIME, keyToTime } from '../event/keys.ts'
import { later, systemTicks, toEventTicks, toIso, toSeconds } from '../event/time.ts'
import type { StoredFields } from '../types.ts'
import { type StreamSource, sourceOf } from './event-source.ts'

/** What an event counts for: a point of a timeseries, whose timestamp is the event's where it has none. */
export type TallyPoint<S extends TimeseriesShape> = S['type'] extends 'count'
  ? Omit<Point<S>, 'value'> & Partial<Pick<Point<S>, 'value'>>
  : Point<S>

export interface TallyOptions {
  /** Events a write; default 1,000. */
  readonly batch?: number
  /** `'once'`: a write whose answer was lost is repeated without counting twice, where the timeseries' store can. */
  readonly delivery?: 'once'
  /**
   * Seconds that events may take from their time to their stream: clocks differ, and clients try again. Younger ones wait for the next tally.
   * Default 30, as long as a client of this package tries.
   */
  readonly settle?: number
  /** What the last tally of this stream resolved to, or `onProgress` was told: by it this one tells which came too `late`. */
  readonly previous?: TallyResult | null | undefined
  /** Seconds before the cursor in which late events are looked for; default 3,600. 0: nowhere. */
  readonly watch?: number
  /** Told after each write: the id of the last event that is counted, and what the tally would resolve to. Keep it, and go on with `after: cursor`. */
  readonly onProgress?: (cursor: string, progress: TallyResult) => void | Promise<void>
  readonly signal?: AbortSignal
}

/** What became of a tally; plain data, which may be kept as JSON. */
export interface TallyResult {
  /** Events that were counted. */
  readonly events: number
  /** (value, bucket) pairs that were written, and that fell into expired buckets: as `bulkInsert` tells them. */
  readonly stored: number
  readonly expired: number
  /** The id of the last event that is counted; where there was none, of the one after which it began. null: of neither. */
  readonly cursor: string | null
  /** The time up to which events were counted, as ISO text. */
  readonly settled: string
  /** There are younger events than that: they wait for the next tally. */
  readonly waiting: boolean
  /**
   * Events that came behind the cursor of the `previous` tally after it had ended: none of the two has counted them. Each is told once. null: not
   * known, since there was no previous one, or the events do not come from the `get` of a store.
   */
  readonly late: number | null
  /** From this time to the cursor, `count` events are counted, or were told as late: by this the next tally knows. null: not known. */
  readonly since: string | null
  readonly count: number | null
}

const OPTIONS = ['batch', 'delivery', 'settle', 'previous', 'watch', 'onProgress', 'signal'] as const
const BATCH = 1_000
/** Seconds. */
const SETTLE = 30
const WATCH = 3_600
const TICKS_A_SECOND = 10_000_000

/**
 * Fills a timeseries from a stream in ascending order: each event becomes a point, several, or none. Stops where the events end, or are younger
 * than `settle`, or at the first write that fails; what `onProgress` was told stands. Events between that and a crash are counted again when the
 * tally goes on: twice at most by one batch, and without effect in gauges and sets.
 * @throws KAIROS_INVALID_CONFIG
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
  const { batch = BATCH, delivery, settle = SETTLE, previous, watch = WATCH, onProgress, signal } = options
  checkCount(batch, 'batch', 1)
  if (onProgress !== undefined) checkFunction(onProgress, 'onProgress')
  if (delivery !== undefined && delivery !== 'once') throw invalidOption('delivery', delivery, "'once'")
  const source = sourceOf(events)
  if (source?.order === 'descending') {
    throw new KairosError('KAIROS_INVALID_CONFIG', 'tally must be given events in ascending order, not descending', {
      path: 'order',
    })
  }
  const horizon = (source?.now ?? systemTicks)() - ticksIn(settle, 'settle')
  const seen = await lookBehind(source, previous, horizon, ticksIn(watch, 'watch'))
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
  let [waiting, watched] = [0, 0]

  async function write(cursor: string): Promise<void> {
    const { stored, expired } = await timeseries.bulkInsert(points as never, { delivery, signal } as never)
    result = {
      ...result,
      events: result.events + waiting,
      stored: result.stored + stored,
      expired: result.expired + expired,
      cursor,
      count: result.count === null ? null : result.count + watched,
    }
    points = []
    waiting = 0
    watched = 0
    await onProgress?.(cursor, result)
  }

  let last = ''
  const since = seen.since === null ? null : toEventTicks(seen.since)
  for await (const event of events) {
    const time = event['@time']
    if (time > horizon) {
      result = { ...result, waiting: true }
      // All that follow are younger still; of events from elsewhere that is not known.
      if (source !== undefined) break
      continue
    }
    for (const point of [toPoints(event) ?? []].flat() as TallyPoint<S>[]) {
      points.push({ ...point, timestamp: point.timestamp ?? toSeconds(time) })
    }
    last = event['@id']
    waiting++
    if (since !== null && time >= since) watched++
    if (waiting === batch) await write(last)
  }
  if (waiting > 0) await write(last)
  return result
}

/** What has come behind the previous tally's cursor, and how many events are there now, so that the next one can tell. */
async function lookBehind(
  source: StreamSource | undefined,
  previous: TallyResult | null | undefined,
  horizon: bigint,
  watch: bigint,
): Promise<Pick<TallyResult, 'late' | 'since' | 'count'>> {
  if (previous !== undefined && previous !== null) checkPrevious(previous, source)
  if (source?.count === undefined || watch === 0n) return { late: null, since: null, count: null }
  const { after } = source
  const until = after === null ? horizon : keyToTime(parseId(after))
  const since = later(until - watch, EARLIEST_TIME)
  let late: number | null = null
  if (typeof previous?.cursor === 'string' && previous.since !== null && previous.count !== null) {
    const there = await source.count(toEventTicks(previous.since), previous.cursor)
    late = Math.max(0, there - previous.count)
  }
  return { late, since: toIso(since), count: after === null ? 0 : await source.count(since, after) }
}

/** A tally that begins elsewhere than the previous one ended would tell of events that are none of its. */
function checkPrevious(previous: TallyResult, source: StreamSource | undefined): void {
  checkRecord(previous, 'previous')
  const { cursor, since, count } = previous
  if (cursor !== null) parseId(cursor)
  if (since !== null && typeof since !== 'string') throw invalidOption('previous.since', since, 'a time, or null')
  if (count !== null) checkCount(count, 'previous.count')
  if (source === undefined || source.after === cursor) return
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `previous must be the tally that ended at after, ${describe(source.after)}, not at ${describe(cursor)}`,
    { path: 'previous' },
  )
}

function ticksIn(seconds: unknown, path: string): bigint {
  if (typeof seconds === 'number' && seconds >= 0 && seconds <= 10 ** 9)
    return BigInt(Math.round(seconds * TICKS_A_SECOND))
  throw invalidOption(path, seconds, 'seconds from 0 to 10^9')
}
