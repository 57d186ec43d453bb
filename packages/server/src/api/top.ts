import { given, MATCH, namesFor, servedFor, TIME, TIMESERIES, timesOf } from './asked.ts'
import { needed, numberOrText, text, texts, wholeNumber } from './fields.ts'
import { type Operation, operation } from './operation.ts'

/** Who has most. */
export const topOperation: Operation = operation({
  path: '/api/top',
  summary: 'The names with most in a stretch of time, most first.',
  fields: {
    timeseries: text(TIMESERIES),
    interval: needed(text('The interval to read.')),
    start: numberOrText(`From the bucket that holds it, default: all that the interval keeps: ${TIME}`),
    end: numberOrText(`To the bucket that holds it, default now: ${TIME}`),
    zone: text('By whose clock times such as midnight are.'),
    limit: wholeNumber('The most names; default 10.'),
    by: text('What to rank by, such as mean or p95. Default: the count.'),
    prefix: text('Only names that begin with it.'),
    names: texts('Only these names.'),
    match: text(MATCH),
  },
  posts: true,
  answer: {
    type: 'object',
    required: ['entries'],
    properties: {
      entries: {
        type: 'array',
        items: {
          type: 'object',
          required: ['name', 'value'],
          properties: { name: { type: 'string' }, value: { type: ['number', 'string'] } },
        },
      },
    },
  },
  async run({ timeseries, interval, zone, limit, by, prefix, names, match, ...times }, call) {
    const served = servedFor(call, timeseries)
    const only = names === undefined && match === undefined ? undefined : await namesFor(call, served, { names, match })
    const most = limit === undefined ? undefined : Math.min(limit, call.limits.maxNames)
    const options = given({ ...timesOf(times, zone, call), limit: most, by, prefix, names: only, signal: call.signal })
    const entries = await served.timeseries.top(interval, options as never)
    return {
      entries: entries.map(({ name, value }: { name: string; value: unknown }) => ({
        name,
        value: typeof value === 'bigint' ? String(value) : value,
      })),
    }
  },
})
