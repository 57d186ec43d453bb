import { configOf } from '@kairos/core/calls'
import { RequestError } from '@kairos/events/http'
import type { Served } from '../timeseries/registry.ts'
import {
  checkPoints,
  given,
  intervalNamed,
  MATCH,
  mostPoints,
  NAMES,
  namesFor,
  pointsBetween,
  servedFor,
  TIME,
  TIMESERIES,
  timesOf,
  transformOf,
} from './asked.ts'
import { fill, flag, needed, numberOrText, span, text, texts, wholeNumber } from './fields.ts'
import { type Call, type Operation, operation } from './operation.ts'

const USUAL_POINTS = 500

const points = {
  type: 'array',
  description: 'The start of each bucket in Unix seconds, and its data.',
  items: { type: 'array', prefixItems: [{ type: 'integer' }, {}], minItems: 2, maxItems: 2 },
}

/** What a read of an interval that is chosen takes. */
interface Read {
  readonly start: number
  readonly end?: number
  readonly zone: string | undefined
  readonly interval: string
  readonly every: string | number | undefined
  readonly offset: string | number | undefined
  /** The options that a read of the right interval by itself takes too. */
  readonly shared: object
}

interface Found {
  readonly interval: string
  readonly every: string | number | null
  readonly zone: string
  readonly points: ReadonlyMap<unknown, unknown>
  readonly why?: readonly string[] | undefined
}

/** The buckets of an interval, or of a step that is asked for. */
async function readInterval(call: Call, { timeseries }: Served, names: readonly string[], read: Read): Promise<Found> {
  const { start, end = call.now(), zone, interval, every, offset } = read
  const config = configOf(timeseries)
  const own = intervalNamed(config, interval)
  checkPoints(call, names.length, pointsBetween(every ?? own.step, start, end))
  const regroup = every === undefined ? { condense: own.resolution !== null } : given({ every, zone, offset })
  const points = await timeseries.series([...names], interval, { ...read.shared, start, end, ...regroup } as never)
  return {
    interval,
    every: every ?? null,
    zone: every === undefined ? own.zone : (zone ?? config.zone ?? 'UTC'),
    points,
  }
}

/** Data over time. */
export const queryOperation: Operation = operation({
  path: '/api/query',
  summary: 'Data of names over time, in as many points as a chart can show.',
  fields: {
    timeseries: text(TIMESERIES),
    names: texts(NAMES),
    match: text(MATCH),
    start: needed(numberOrText(`From the bucket that holds it: ${TIME}`)),
    end: numberOrText(`To the bucket that holds it, default now: ${TIME}`),
    zone: text('Whose days and weeks the points are, such as Europe/Berlin.'),
    maxPoints: wholeNumber(`The most points of a name; default ${USUAL_POINTS}. Not with interval.`),
    interval: text('The interval to read. Default: the finest that reaches back to start and is not too many points.'),
    every: span('With interval: merges its buckets into those of another step, such as 15min or daily.'),
    offset: span('With every: how long after midnight days begin, such as 6h.'),
    transform: texts('What to make of each bucket: one name, or several, which make an object.'),
    fill: fill(
      'What buckets without data show: none, null, a number, previous or linear. Default: the empty value of the type.',
    ),
    maxGap: wholeNumber('With previous or linear: how many buckets in a row are filled.'),
    split: flag('Shows each name by itself, instead of all joined.'),
    explain: flag('Adds why this interval and step were chosen. Not with interval.'),
  },
  posts: true,
  answer: {
    type: 'object',
    required: ['timeseries', 'type', 'interval', 'every', 'zone'],
    properties: {
      timeseries: { type: 'string' },
      type: { type: 'string' },
      interval: { type: 'string', description: 'Where the data is from.' },
      every: {
        type: ['string', 'number', 'null'],
        description: 'The step of the points; null: the buckets as they are stored.',
      },
      zone: { type: 'string' },
      points,
      series: {
        type: 'array',
        description: 'With split, instead of points.',
        items: { type: 'object', required: ['name', 'points'], properties: { name: { type: 'string' }, points } },
      },
      why: { type: 'array', items: { type: 'string' } },
    },
    oneOf: [{ required: ['points'] }, { required: ['series'] }],
  },
  async run(asked, call) {
    const { transform, fill, maxGap, split, zone, interval, every, offset, maxPoints = USUAL_POINTS, explain } = asked
    const served = servedFor(call, asked.timeseries)
    const names = await namesFor(call, served, asked)
    const { start = 0, end } = timesOf(asked, zone, call)
    const shared = given({ transform: transformOf(call, transform), fill, maxGap, split, signal: call.signal })
    if (interval === undefined && (every !== undefined || offset !== undefined))
      throw new RequestError(400, 'every and offset must be given with interval')
    const times = given({ start, end }) as { start: number; end?: number }
    const most = Math.min(maxPoints, mostPoints(names.length, call))
    const found: Found =
      interval === undefined
        ? await served.timeseries.query([...names], {
            ...shared,
            ...times,
            ...given({ zone }),
            maxPoints: most,
            explain,
          } as never)
        : await readInterval(call, served, names, { ...times, zone, interval, every, offset, shared })
    const { points, ...chosen } = found
    return {
      timeseries: served.name,
      type: configOf(served.timeseries).type,
      ...chosen,
      ...(split ? { series: Array.from(points, ([name, points]) => ({ name, points })) } : { points }),
    }
  },
})
