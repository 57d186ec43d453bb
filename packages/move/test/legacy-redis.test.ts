import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeRedis } from '../../redis/test/clients.ts'
import { ownRedis } from '../../redis/test/own-redis.ts'
import { openLegacy } from '../src/index.ts'
import { expectExact, legacyCases, optionsOf } from './support/legacy-cases.ts'
import { writeRedisSamples } from './support/legacy-stores.ts'
import { allOf } from './support/samples.ts'

const url = await ownRedis()

describe.skipIf(url === undefined)('what Python kairos wrote into Redis', () => {
  const clients = new Map<number, Redis>()
  const clientOf = (db: number): Redis => {
    const client = clients.get(db) ?? new Redis(url!, { db })
    clients.set(db, client)
    return client
  }

  beforeAll(() => writeRedisSamples(clientOf))
  afterAll(() => Promise.all([...clients.values()].map((client) => client.quit())))

  it.each(legacyCases('redis').map((own) => [own.id, own] as const))('is read exactly: %s', async (_id, own) => {
    await expectExact(own, await openLegacy(clientOf(own.db!), optionsOf(own)))
  })

  it('is the same by node-redis and by a URL', async () => {
    const own = legacyCases('redis').find(({ id }) => id === 'redis.histogram.gregres')!
    const client = await nodeRedis(`${url}/${own.db}`)
    await expectExact(own, await openLegacy(client, optionsOf(own)))
    await client.close()
    const source = await openLegacy(`kairos-py+${url}/${own.db}`, optionsOf(own))
    await expectExact(own, source)
    await source.close()
  })

  it('is read among keys of something else, which are counted', async () => {
    const client = clientOf(7)
    await client.set('views:hour:1', 'nonsense')
    await client.set('a:hour:x', '1')
    await client.rpush('home:hour:2', '1')
    await client.set('home:hour:3', '2.5')
    await client.set('home:hour:4', '9007199254740993')
    const source = await openLegacy(client, { type: 'count', intervals: { hour: { step: 3600 } } })
    expect((await allOf(source.cells())).map(({ name, start, value }) => [name, start, value])).toEqual([
      ['home', 10800, 2.5],
      ['home', 14400, 9007199254740992],
    ])
    const { skipped, lost } = source.report()
    expect(skipped).toBe(2)
    expect(lost.map(({ reason, examples }) => [reason, examples])).toEqual([
      ['rounded', ['home hour 4: 9007199254740993']],
      ['value', ['views hour 1: nonsense']],
    ])
  })
})
