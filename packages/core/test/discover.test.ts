import { expect, it } from 'vitest'
import type { StorageDriver } from '../src/driver.ts'
import { discover, memoryDriver } from '../src/index.ts'
import { createAny } from './support/any-timeseries.ts'
import { failureOf } from './support/failure.ts'

it('tells names, types, value types and intervals as they were opened last', async () => {
  const driver = memoryDriver()
  const before = Date.now()
  expect(await discover(driver)).toEqual([])
  const views = {
    name: 'views',
    type: 'count',
    intervals: { minute: { step: '1h', steps: 90 }, all: { step: 'daily' } },
  }
  await createAny(driver, views).open()
  await createAny(driver, {
    type: 'set',
    valueType: 'string',
    intervals: { d: { step: 'daily', resolution: 3600 } },
  }).open()
  await createAny(driver, { ...views, type: 'gauge', intervals: { minute: { step: 60 } } }).open()
  await createAny(driver, { ...views, name: 'x', type: 'distribution', accuracy: 0.02 }).open()
  await createAny(driver, { ...views, name: 'y', type: 'unique', precision: 10 }).open()
  const [nameless, counted, gauge, distribution, unique, ...rest] = await discover(driver)
  expect(rest).toEqual([])
  const interval = { resolution: undefined, zone: undefined, offset: undefined, steps: null }
  expect(nameless).toMatchObject({ name: undefined, type: 'set', valueType: 'string', accuracy: undefined })
  expect(nameless!.intervals).toEqual({ d: { ...interval, step: 'daily', resolution: 3600 } })
  expect(counted).toMatchObject({ name: 'views', type: 'count', valueType: undefined })
  expect(counted!.intervals).toEqual({
    all: { ...interval, step: 'daily' },
    minute: { ...interval, step: 3600, steps: 90 },
  })
  expect(gauge).toMatchObject({ name: 'views', type: 'gauge', valueType: 'float' })
  expect([distribution!.accuracy, unique!.precision]).toEqual([0.02, 10])
  expect(counted!.made!.getTime()).toBeGreaterThanOrEqual(before)
  // Renewed by the next one that opens it.
  await createAny(driver, { ...views, intervals: { minute: { step: 3600, steps: 5 } } }).open()
  expect((await discover(driver))[1]!.intervals.minute).toMatchObject({ steps: 5 })
})

it('shows what a later version recorded as unknown', async () => {
  const later = '{"version":2,"type":"sketch"}'
  const interval = '{"version":1,"step":60,"leap":true}'
  const zoned = '{"version":1,"step":"daily","zone":"Europe/Berlin","offset":21600}'
  const driver: StorageDriver = {
    ...memoryDriver(),
    discover: async () => [
      {
        name: 'a',
        records: { schema: later, intervals: { minute: interval } },
        facts: { schema: 'no JSON', intervals: {} },
      },
      {
        name: 'b',
        records: { schema: '{"version":1,"type":"count"}', intervals: { day: zoned } },
        facts: { schema: '{}', intervals: { day: '{"steps":7}' } },
      },
    ],
  }
  const nothing = { step: undefined, resolution: undefined, zone: undefined, offset: undefined, steps: undefined }
  expect(await discover(driver)).toEqual([
    {
      ...{ name: 'a', type: undefined, valueType: undefined, program: undefined, made: undefined, unknown: later },
      intervals: { minute: { ...nothing, unknown: interval } },
    },
    {
      ...{ name: 'b', type: 'count', valueType: undefined, program: undefined, made: undefined },
      intervals: { day: { ...nothing, step: 'daily', zone: 'Europe/Berlin', offset: 21600, steps: 7 } },
    },
  ])
})

it('is refused where the store cannot tell, and takes what createTimeseries takes', async () => {
  const { discover: _, ...driver } = memoryDriver()
  expect(await failureOf(() => discover(driver), 'KAIROS_UNSUPPORTED')).toMatchObject({ feature: 'discover' })
  await failureOf(() => discover(null as never), 'KAIROS_INVALID_CONFIG')
  await failureOf(() => discover(memoryDriver(), { name: 'a' } as never), 'KAIROS_INVALID_CONFIG')
  await failureOf(() => discover(memoryDriver(), { signal: AbortSignal.abort() }), 'KAIROS_ABORTED')
  expect(await discover('memory:')).toEqual([])
})
