import { describe, expect, it } from 'vitest'
import { createTimeseries, memoryDriver } from '../src/index.ts'
import { createAny } from './support/any-timeseries.ts'
import * as countConfig from './support/count-config.ts'
import { failureOf } from './support/failure.ts'

const intervals = { minute: { step: 60 } }

const INVALID: readonly [what: string, config: unknown, path: string][] = [
  ['no configuration', undefined, ''],
  ['a list', [], ''],
  ['an unknown type', { type: 'sum', intervals }, 'type'],
  ['a type that every object has', { type: 'constructor', intervals }, 'type'],
  ['no type', { intervals }, 'type'],
  ['an unknown option', { type: 'count', interval: intervals }, 'interval'],
  ['a prototype, as JSON has it', JSON.parse('{ "type": "count", "__proto__": {} }'), '__proto__'],
  [
    'that of an interval',
    { type: 'count', intervals: JSON.parse('{ "day": { "__proto__": {} } }') },
    'intervals.day.__proto__',
  ],
  ['no intervals', { type: 'count' }, 'intervals'],
  ['empty intervals', { type: 'count', intervals: {} }, 'intervals'],
  ['a list of intervals', { type: 'count', intervals: [{ step: 60 }] }, 'intervals'],
  ['a Map of intervals', { type: 'count', intervals: new Map([['minute', { step: 60 }]]) }, 'intervals'],
  ['an interval without a name', { type: 'count', intervals: { '': { step: 60 } } }, 'intervals.'],
  ['a lone surrogate as a name', { type: 'count', intervals: { '\ud800': { step: 60 } } }, 'intervals.\ud800'],
  ['an interval that is a step', { type: 'count', intervals: { minute: 60 } }, 'intervals.minute'],
  [
    'an unknown option of an interval',
    { type: 'count', intervals: { day: { step: 60, keep: 1 } } },
    'intervals.day.keep',
  ],
  ['step 0', { type: 'count', intervals: { day: { step: 0 } } }, 'intervals.day.step'],
  ['an invalid step', { type: 'count', intervals: { day: { step: '1x' } } }, 'intervals.day.step'],
  ['a step below a second', { type: 'count', intervals: { day: { step: '500ms' } } }, 'intervals.day.step'],
  ['a readFunc of a count', { type: 'count', intervals, readFunc: (value: number) => value }, 'readFunc'],
  ['no step', { type: 'count', intervals: { day: { steps: 1 } } }, 'intervals.day.step'],
  [
    'an invalid resolution',
    { type: 'count', intervals: { day: { step: 60, resolution: 0 } } },
    'intervals.day.resolution',
  ],
  [
    'a resolution that does not nest',
    { type: 'count', intervals: { day: { step: 60, resolution: 7 } } },
    'intervals.day.resolution',
  ],
  [
    'a resolution as long as the step',
    { type: 'count', intervals: { day: { step: 60, resolution: '60' } } },
    'intervals.day.resolution',
  ],
  ['no steps at all', { type: 'count', intervals: { day: { step: 60, steps: 0 } } }, 'intervals.day.steps'],
  ['half a step', { type: 'count', intervals: { day: { step: 60, steps: 1.5 } } }, 'intervals.day.steps'],
  ['steps as text', { type: 'count', intervals: { day: { step: 60, steps: '5' } } }, 'intervals.day.steps'],
  ['an unknown valueType', { type: 'gauge', valueType: 'double', intervals }, 'valueType'],
  ['a valueType that every object has', { type: 'gauge', valueType: 'toString', intervals }, 'valueType'],
  ['a valueType for a count', { type: 'count', valueType: 'int', intervals }, 'valueType'],
  ['a histogram of text', { type: 'histogram', valueType: 'text', intervals }, 'valueType'],
  ['a set of blobs', { type: 'set', valueType: 'blob', intervals }, 'valueType'],
  ['a set of datetimes', { type: 'set', valueType: 'datetime', intervals }, 'valueType'],
  ['a readFunc that is not a function', { type: 'gauge', readFunc: 'upper', intervals }, 'readFunc'],
  ['a writeFunc that is not a function', { type: 'gauge', writeFunc: {}, intervals }, 'writeFunc'],
  ['a clock that is not a function', { type: 'gauge', now: 5, intervals }, 'now'],
  ['a clientConfig that is not an object', { type: 'gauge', clientConfig: 'x', intervals }, 'clientConfig'],
]

const MESSAGES: readonly (readonly [message: string, options: object])[] = [
  [
    'wrong is not an option; known: name, zone, type, intervals, valueType, accuracy, precision, readFunc, writeFunc, clientConfig, now, patience, onRetry, sweep, labels',
    { wrong: 1 },
  ],
  [
    'type must be one of series, histogram, count, gauge, set, summary, distribution, unique, not "sum"',
    { type: 'sum' },
  ],
  ['name must be 1 to 100 of the characters A-Z a-z 0-9 _ . -, a letter first, not "1st"', { name: '1st' }],
  [
    'valueType must be one of float, int, int64, decimal, string, text, boolean, blob, date, time, datetime, inet, not "double"',
    { type: 'gauge', valueType: 'double' },
  ],
  ['a count takes no valueType: its values are numbers', { valueType: 'int' }],
  [
    'valueType must be short enough to be a key in a set, not text; use a series or a gauge',
    { type: 'set', valueType: 'text' },
  ],
  ["accuracy must be used with type: 'distribution', not with a count", { accuracy: 0.1 }],
  ['accuracy must be a number from 0.001 to 0.1, not 1', { type: 'distribution', accuracy: 1 }],
  ['precision must be a whole number from 8 to 16, not 7', { type: 'unique', precision: 7 }],
  ['a count takes no readFunc: it does not keep values; use a transform', { readFunc: () => 1 }],
  ['readFunc must be a function, not 5', { type: 'set', readFunc: 5 }],
  ['now must be a function, not 5', { now: 5 }],
  ['clientConfig must be an object, not "x"', { clientConfig: 'x' }],
  ['patience must be milliseconds from 1 to 2147483647, not 0', { patience: 0 }],
  ['sweep must be true or false, not 1', { sweep: 1 }],
  ['labels must be a list, not "a"', { labels: 'a' }],
  [
    `zone must be an IANA time zone ('Europe/Berlin') that this engine knows, not "Europe/Berln"; did you mean "Europe/Berlin"?`,
    { zone: 'Europe/Berln' },
  ],
  [
    'the name of an interval must be a non-empty string of well-formed Unicode, not ""',
    { intervals: { '': { step: 60 } } },
  ],
  ['intervals.m must be an object, not 60', { intervals: { m: 60 } }],
  [
    'intervals.m.keep is not an option; known: step, steps, resolution, zone, offset',
    { intervals: { m: { step: 60, keep: 1 } } },
  ],
  [
    `intervals.m.step must be whole seconds (60, '300'), a span ('30s', '15min', '1h', '7d', '2w', '1y'; '1m' is a month of 30 days) or daily, weekly, iso-weekly, monthly, quarterly, yearly, not "1x"`,
    { intervals: { m: { step: '1x' } } },
  ],
  [
    'intervals.m.step must be at least one second long, since no bucket is shorter, not "500ms"',
    { intervals: { m: { step: '500ms' } } },
  ],
  ['intervals.m.steps must be an integer of at least 1, not 0', { intervals: { m: { step: 60, steps: 0 } } }],
  [
    'intervals.m.resolution must be shorter than the step 60 and divide each of its buckets, not 7',
    { intervals: { m: { step: 60, resolution: 7 } } },
  ],
  [
    `intervals.m.offset must be whole seconds (21600) or a span ('6h') from 0 to below a day, not "1d"`,
    { intervals: { m: { step: 'daily', offset: '1d' } } },
  ],
  [
    "intervals.m.zone is for the steps of a calendar, not for 60 seconds; use 'daily' for days",
    { intervals: { m: { step: 60, zone: 'Europe/Berlin' } } },
  ],
]

describe('an invalid configuration', () => {
  it.each(INVALID)('%s', async (_what, config, path) => {
    const error = await failureOf(() => createAny('memory:', config), 'KAIROS_INVALID_CONFIG')
    expect(error.path).toBe(path)
  })

  it('says at once what is wrong', () => {
    for (const [message, options] of MESSAGES) {
      expect(() => createAny('memory:', { type: 'count', intervals, ...options })).toThrow(
        expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG', message }),
      )
    }
  })

  it('a clientConfig beside a driver', async () => {
    const config = { type: 'count', intervals, clientConfig: {} }
    expect((await failureOf(() => createAny(memoryDriver(), config), 'KAIROS_INVALID_CONFIG')).path).toBe(
      'clientConfig',
    )
  })

  it.each([
    [{}, 'intervals must be an object that names at least one interval, not an empty one'],
    [Math, 'intervals must be an object that names at least one interval, not an object tagged Math'],
  ])('intervals %#: the message tells it from what is wanted', async (intervals, message) => {
    const error = await failureOf(() => createAny('memory:', { type: 'count', intervals }), 'KAIROS_INVALID_CONFIG')
    expect(error.message).toBe(message)
  })

  it.each([null, 5, 'x', [], new Map()])('the options %o of the memory driver', async (options) => {
    await failureOf(() => memoryDriver(options as never), 'KAIROS_INVALID_CONFIG')
  })

  it('an unknown option of the memory driver', async () => {
    await failureOf(() => memoryDriver({ prefix: 'x' } as never), 'KAIROS_INVALID_CONFIG')
  })

  it.each([undefined, null, 5, {}, 'hits.db', ':', '//host'])('the store %o', async (store) => {
    expect((await failureOf(() => createAny(store, { type: 'count', intervals }), 'KAIROS_INVALID_CONFIG')).path).toBe(
      'store',
    )
  })
})

describe('a configuration', () => {
  it('may be a module', async () => {
    const counts = createAny('memory:', countConfig)
    await counts.insert('a', 2, { timestamp: 60 })
    expect(await counts.get('a', 'minute', { timestamp: 60 })).toEqual(new Map([[60, 2]]))
  })

  it('may be an instance of a class, with getters', async () => {
    class Config {
      get type() {
        return 'count' as const
      }
      get intervals() {
        return { minute: { step: 60 } }
      }
    }
    const counts = createTimeseries('memory:', new Config())
    await counts.insert('a', 2, { timestamp: 60 })
    expect(await counts.get('a', 'minute', { timestamp: 60 })).toEqual(new Map([[60, 2]]))
  })

  it('may be frozen, and is not changed', async () => {
    const config = Object.freeze({
      type: 'count',
      intervals: Object.freeze({ b: Object.freeze({ step: 60 }), a: Object.freeze({ step: 60 }) }),
    })
    const counts = createTimeseries('memory:', config)
    await counts.insert('x')
    expect(Object.keys(config.intervals)).toEqual(['b', 'a'])
  })

  it('may be changed afterwards without effect', async () => {
    const config = { type: 'count' as const, intervals: { minute: { step: 60 } } }
    const counts = createTimeseries('memory:', config)
    config.intervals.minute.step = 3_600
    await counts.insert('a', 1, { timestamp: 60 })
    expect(await counts.get('a', 'minute', { timestamp: 100 })).toEqual(new Map([[60, 1]]))
  })
})

it('names of intervals that objects have of themselves are names like others', async () => {
  const names = ['__proto__', 'constructor', 'toString', 'a:b', '*', ' ', 'schema']
  const intervals = Object.fromEntries(
    names.map((name, index) => [name, { step: 60 * (index + 1), steps: 10, resolution: 60 / 2 }]),
  )
  const series = createAny('memory:', { type: 'series', intervals, now: () => 1_000 })
  await series.insert('x', 1, { timestamp: 990 })
  for (const [index, name] of names.entries()) {
    expect(await series.get('x', name, { timestamp: 990, condense: true }), name).toEqual(
      new Map([[Math.floor(990 / 60 / (index + 1)) * 60 * (index + 1), [1]]]),
    )
  }
  expect(Object.keys(await series.properties('x')).sort()).toEqual([...names].sort())
  expect(await series.expire()).toBe(0)
  await series.delete('x')
  expect(await series.properties('x')).toEqual({})
})
