import { Redis } from 'ioredis'
import { afterAll, describe, expect, it } from 'vitest'
import { nodeRedis } from '../../redis/test/clients.ts'
import { ownRedis } from '../../redis/test/own-redis.ts'
import { migrate, openRedisCounters } from '../src/index.ts'
import { allOf, timeseriesOf } from './support/samples.ts'

const url = await ownRedis()

describe.skipIf(url === undefined)("counters of one's own in Redis", () => {
  const client = new Redis(url ?? '', { lazyConnect: true })
  afterAll(() => client.quit())
  const utc = (...parts: readonly [number, number, number, number?]): number => Date.UTC(...parts) / 1_000

  it('are read like a timeseries of counts, and what is something else is reported', async () => {
    await client.mset({
      'views:home:2026112810': 5,
      'views:home:2026112809': 7,
      'views:a:b:2026022823': 2.5,
      'views:home:2026022910': 1,
      'views:home:2026112824': 1,
      'views:home:2026112811': 'many',
      'views:home:20261128': 1,
      'other:home:2026112810': 9,
      '2026-11/total': 4,
      '2025-12/total': 3,
    })
    await client.hset('views:home:2026112812', 'x', 1)
    const source = await openRedisCounters(client, { keys: 'views:{name}:{yyyy}{MM}{dd}{HH}' })
    expect((await allOf(source.cells())).map(({ name, start, value }) => [name, start, value])).toEqual([
      ['a:b', utc(2026, 1, 28, 23), 2.5],
      ['home', utc(2026, 10, 28, 9), 7],
      ['home', utc(2026, 10, 28, 10), 5],
    ])
    expect(source.report().map(({ reason, examples }) => [reason, ...examples])).toEqual([
      ['its digits are not the start of a bucket', 'views:home:2026022910', 'views:home:2026112824'],
      ['its value is not a number', 'views:home:2026112811: "many"'],
      ['it is gone, or is not a string', 'views:home:2026112812'],
    ])
    const views = timeseriesOf({ type: 'count', intervals: { hour: { step: '1h' }, day: { step: 'daily' } } })
    expect((await migrate(source, views, { verify: true })).verified!.equal).toBe(true)
    expect((await allOf(views.cells({ intervals: ['day'], names: 'home' }))).map(({ value }) => value)).toEqual([12])

    const other = await nodeRedis(url!)
    const months = await openRedisCounters(other, { keys: '{yyyy}-{MM}/total', name: 'total' })
    expect((await allOf(months.cells())).map(({ name, interval, start }) => [name, interval, start])).toEqual([
      ['total', 'month', utc(2025, 11, 1)],
      ['total', 'month', utc(2026, 10, 1)],
    ])
    await other.close()
  })

  it('were written by the clock of a zone', async () => {
    // In the night of 26 October the hour from 2 to 3 occurs twice, in that of 30 March it does not.
    for (const digits of [
      '202510260159',
      '202510260230',
      '202510260301',
      '202503300230',
      '202503300300',
      '202507010000',
    ])
      await client.set(`local ${digits}`, 1)
    const source = await openRedisCounters(url!, {
      keys: 'local {yyyy}{MM}{dd}{HH}{mm}',
      name: 'n',
      zone: 'Europe/Berlin',
    })
    expect(
      (await allOf(source.cells())).map(({ start }) => new Date(start * 1_000).toISOString().slice(0, 16)),
    ).toEqual(['2025-03-30T01:00', '2025-06-30T22:00', '2025-10-25T23:59', '2025-10-26T00:30', '2025-10-26T02:01'])
    expect(source.report().flatMap(({ examples }) => examples)).toEqual(['local 202503300230'])
    await source.close()
    await client.set('day/2025/07/01', 3)
    const days = await openRedisCounters(client, { keys: 'day/{yyyy}/{MM}/{dd}', name: 'n', zone: 'Europe/Berlin' })
    const views = timeseriesOf({ type: 'count', intervals: { day: { step: 'daily', zone: 'Europe/Berlin' } } })
    expect((await migrate(days, views)).plan.intervals).toEqual([{ interval: 'day', from: 'day', how: 'copied' }])
    expect((await allOf(views.cells())).map(({ start }) => start)).toEqual([utc(2025, 5, 30, 22)])
  })

  it.each([
    ['views:{name}', {}, 'keys must be a key with {yyyy}'],
    ['views:{name}:{yyyy}{dd}', {}, 'keys must be a key with {yyyy}'],
    ['views:{name}:{yyyy}{yyyy}', {}, 'keys must be a key with {yyyy}'],
    ['views:{who}:{yyyy}', {}, 'keys must be a key with {yyyy}'],
    ['views:{yyyy}', {}, 'name must be given if keys has no {name}'],
    ['views:{name}:{yyyy}', { name: 'a' }, 'name must be left out if keys has {name}'],
    ['views:{name}:{yyyy}', { zone: 'Mars' }, 'zone'],
  ])('are refused as %s with %o', async (keys, options, message) => {
    await expect(openRedisCounters(client, { keys, ...options })).rejects.toThrow(message)
  })

  it('are refused elsewhere, and by a client that changes keys', async () => {
    const prefixed = new Redis(url!, { keyPrefix: 'app:', lazyConnect: true })
    await expect(openRedisCounters(prefixed, { keys: 'v:{name}:{yyyy}' })).rejects.toThrow(
      'store must be a client without keyPrefix, not "app:"',
    )
    prefixed.disconnect()
    await expect(openRedisCounters('mongodb://localhost', { keys: 'v:{name}:{yyyy}' })).rejects.toThrow(
      'store must be a redis: URL',
    )
  })
})
