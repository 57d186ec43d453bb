import { createTimeseries, discover } from '@kairos/core'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type RedisDriver, redisDriver } from '../src/index.ts'
import { REDIS_URL } from './clients.ts'

const PREFIX = 'changed-records:'
const SCHEMA = `${PREFIX}count.one:schema`

describe.skipIf(REDIS_URL === undefined)('records that something else has changed', () => {
  let server: Redis
  let driver: RedisDriver
  beforeAll(() => {
    server = new Redis(REDIS_URL!)
    driver = redisDriver(server, { prefix: PREFIX, lease: 1 })
  })
  const clear = async () => {
    const keys = await server.keys(`${PREFIX}*`)
    if (keys.length > 0) await server.del(keys)
  }
  beforeEach(clear)
  afterAll(async () => {
    await clear()
    server.disconnect()
  })

  const counts = (name: string) =>
    createTimeseries(driver, { name, type: 'count', intervals: { minute: { step: 60 } } })
  const found = async () => (await discover(driver)).map(({ name }) => name).sort()

  it('an interval of another form is a record that is not known: nothing is opened or hidden', async () => {
    for (const name of ['one', 'two']) await counts(name).insert('a')
    await server.hset(SCHEMA, 'interval:minute', 'x y')
    await expect(counts('one').open()).rejects.toMatchObject({ code: 'KAIROS_CONFIG_CHANGED' })
    expect(await found()).toEqual(['one', 'two'])
    const [one] = (await discover(driver)).filter(({ name }) => name === 'one')
    expect(one!.intervals.minute).toMatchObject({ unknown: 'x y' })
  })

  it.each(['0', 'x', '1.5', '16385'])(
    'a number of shards of %s is refused, since it would lead elsewhere',
    async (shards) => {
      await counts('one').insert('a')
      await server.hset(SCHEMA, 'shards', shards)
      await expect(counts('one').open()).rejects.toMatchObject({ code: 'KAIROS_CONFIG_CHANGED', recorded: shards })
    },
  )

  it('what was flushed and is written again is discovered again', async () => {
    const one = counts('one')
    await one.insert('a')
    await clear()
    await expect
      .poll(async () => {
        await one.insert('a')
        return found()
      })
      .toEqual(['one'])
  })

  it('a client in a transaction is an error that says so, and the timeseries continues after it', async () => {
    const client = new Redis(REDIS_URL!)
    const one = createTimeseries(redisDriver(client, { prefix: PREFIX, lease: 1 }), {
      name: 'one',
      type: 'count',
      intervals: { minute: { step: 60 } },
      now: () => 0,
    })
    await one.insert('a')
    await client.multi({ pipeline: false })
    for (const call of [() => one.get('a', 'minute'), () => one.insert('a'), () => one.list(), () => one.delete('a')])
      await expect(call()).rejects.toMatchObject({
        code: 'KAIROS_STORE_FAILED',
        message: expect.stringContaining('MULTI'),
      })
    await client.discard()
    expect(await one.get('a', 'minute')).toEqual(new Map([[0, 1]]))
    client.disconnect()
  })
})
