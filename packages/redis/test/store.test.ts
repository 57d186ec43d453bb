import { setTimeout as sleep } from 'node:timers/promises'
import { createTimeseries, KairosError } from '@kairos/core'
import type { WriteFailure } from '@kairos/core/driver'
import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createClient } from 'redis'
import { afterAll, beforeEach, describe, expect, it as test } from 'vitest'
import { redisDriver } from '../src/index.ts'
import { CLUSTER_URL, careful, carefulCluster, nodesOf, REDIS_URL, SERVERS } from './clients.ts'

/** A prefix for this file, under which each test has its own. */
let prefix = ''
let tests = 0
beforeEach(() => {
  prefix = `store-test-${process.pid}-${tests++}:`
})

const HOUR = 3600
/** An expiry in the far future. */
const END = 4_000_000_000
const resolutionRange = (bucket: number) => ({ first: bucket * 24, last: bucket * 24 + 23 })

describe.each(SERVERS)('on $name', ({ url }) => {
  const it = test.skipIf(url === undefined)
  const redis = url === undefined ? (undefined as never) : careful(url)
  afterAll(async () => {
    if (url === undefined) return
    const keys = await redis.keys(`store-test-${process.pid}-*`)
    if (keys.length > 0) await redis.unlink(keys)
    redis.disconnect()
  })
  const keysOf = async (pattern = '*') => (await redis.keys(`${prefix}${pattern}`)).sort()
  /** When a key expires, in Unix seconds, or -1. By a script, inside which time does not pass, since 6.2 does not have a command for it. */
  const endOf = async (key: string): Promise<number> => {
    const [seconds, microseconds, left] = (await redis.eval(
      "local time = redis.call('TIME') return { time[1], time[2], redis.call('PTTL', KEYS[1]) }",
      1,
      key,
    )) as [string, string, number]
    return left < 0 ? left : Math.round(Number(seconds) + Number(microseconds) / 1e6 + left / 1000)
  }

  it('a database that the server does not have is refused each time, and nothing is written to another one', async () => {
    const driver = redisDriver(`${url}/9999`, { prefix })
    const hits = createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60 } } })
    for (let turn = 0; turn < 2; turn++) {
      const error = await hits.insert('a').catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(KairosError)
      expect(String(error)).toMatch(/database could not be chosen/)
    }
    await driver.close()
    expect(await keysOf()).toEqual([])
  })

  it('a password that the server refuses is reported at once, and not shown', async () => {
    const driver = redisDriver(url!.replace('//', '//someone:hidden@'), { prefix })
    const started = performance.now()
    const error = await createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60 } } })
      .insert('a')
      .catch((reason: unknown) => reason)
    expect(String(error)).toMatch(/WRONGPASS/)
    expect(String(error)).not.toMatch(/hidden/)
    // Far below the 30 s for which a store that cannot be reached is tried.
    expect(performance.now() - started).toBeLessThan(15_000)
    await driver.close()
  })

  it('stores the keys that the README shows', async () => {
    const hits = createTimeseries(redisDriver(redis, { prefix, lease: 50 }), {
      type: 'count',
      intervals: { minute: { step: 60, steps: 1440 } },
      now: () => 1_700_000_000,
    })
    await hits.bulkInsert(
      new Map([
        [1_700_000_000, { 'app.hits': [3] }],
        [1_699_999_000, { 'app.hits': [2] }],
      ]),
    )
    expect(await keysOf()).toEqual([
      `${prefix}count:schema`,
      `${prefix}count:{108}:minute`,
      `${prefix}count:{108}:minute/names`,
      `${prefix}count:{108}:minute:app.hits`,
      `${prefix}count:{108}:minute:app.hits:122126`,
      `${prefix}places`,
    ])
    expect(await redis.hgetall(`${prefix}count:{108}:minute:app.hits:122126`)).toEqual({ '101': '3', '84': '2' })
    expect(await redis.zrange(`${prefix}count:{108}:minute`, '0', '-1', 'WITHSCORES')).toEqual(['app.hits', '122126'])
    expect(await redis.zrange(`${prefix}count:{108}:minute:app.hits`, '0', '-1')).toEqual(['122126'])
  })

  it('stores the summaries, bins and registers that the README shows', async () => {
    const driver = redisDriver(redis, { prefix, lease: 50 })
    const options = { intervals: { minute: { step: 60 } }, now: () => 1_764_400_000 } as const
    const summary = createTimeseries(driver, { type: 'summary', ...options })
    const distribution = createTimeseries(driver, { type: 'distribution', ...options })
    for (const numbers of [summary, distribution]) {
      await numbers.insert('a', 21.5)
      await numbers.insert('a', [20, 23])
    }
    const unique = createTimeseries(driver, { type: 'unique', ...options })
    await unique.insert('a', 'ada')
    await unique.insert('a', ['bob', 'ada'])
    const record = Buffer.alloc(37)
    record[0] = 3
    for (const [index, number] of [64.5, 20, 23, 23].entries()) record.writeDoubleBE(number, 1 + index * 8)
    record.writeUInt32BE(0x692a_9b80, 33)
    const chunk = (await redis.getBuffer(`${prefix}summary:{44}:minute:a:245055`))!
    expect([chunk.subarray(0, 8), chunk.length, chunk.subarray(-37)]).toEqual([
      Buffer.from('060108080808040f', 'hex'),
      8 + 15 + 37,
      record,
    ])
    expect(await redis.getBuffer(`${prefix}distribution:{44}:minute:a:918958`)).toEqual(
      Buffer.from('07000000120000001f0a0000050108409a010a0000090108409601' + '08409d01', 'hex'),
    )
    expect(await redis.getBuffer(`${prefix}unique:{44}:minute:a:918958`)).toEqual(
      Buffer.from('07000000120000001e0a000005010c06f9010a000008010c05d30106f901', 'hex'),
    )
  })

  it('unites sketches that have been appended: where a chunk is twice as long, and once the next one begins', async () => {
    const now = 1_764_400_000
    const driver = redisDriver(redis, { prefix, lease: 50 })
    const unique = createTimeseries(driver, { type: 'unique', intervals: { minute: { step: 60 } }, now: () => now })
    const chunk = async () => (await redis.getBuffer(`${prefix}unique:{44}:minute:a:918958`))!
    for (let time = 0; time < 130; time++) {
      await unique.insert('a', time % 2 === 0 ? 'ada' : 'bob')
      const bytes = await chunk()
      expect(bytes.readUInt32BE(5)).toBe(bytes.length)
      expect(bytes.length).toBeLessThan(2 * bytes.readUInt32BE(1) + 512 + 20)
    }
    await unique.insert('a', 'eve', { timestamp: now + 32 * 60 })
    expect(await chunk()).toEqual(Buffer.from('0700000015000000150a000008010c05d30106f901', 'hex'))
  })

  it('a chunk, its index and the registry expire with the last bucket that the chunk can hold', async () => {
    const now = Math.floor(Date.now() / 1000)
    const hits = createTimeseries(redisDriver(redis, { prefix, lease: 50 }), {
      type: 'count',
      intervals: { minute: { step: 60, steps: 60 } },
    })
    await hits.insert('a', 1, { timestamp: now })
    const chunk = Math.floor(now / 60 / 232)
    const end = (chunk * 232 + 231 + 60) * 60
    for (const key of await keysOf('*{*')) expect(await endOf(key)).toBe(end)
    // Late data do not shorten anything; newer data extend the expiry of the index.
    await hits.bulkInsert([
      { name: 'a', value: 1, timestamp: now - 60 },
      { name: 'a', value: 1, timestamp: now + 232 * 60 },
    ])
    expect(await endOf((await keysOf(`*:a:${chunk}`))[0]!)).toBe(end)
    expect(await endOf((await keysOf('*:a'))[0]!)).toBe(end + 232 * 60)
  })

  it('steps may grow, be removed and be added: a chunk lives as long as it should once it is written again', async () => {
    const timestamp = Math.floor(Date.now() / 1000)
    const open = (steps?: number) =>
      createTimeseries(redisDriver(redis, { prefix, lease: 50 }), {
        type: 'count',
        intervals: { minute: { step: 60, ...(steps && { steps }) } },
      })
    const ends = async () => Promise.all((await keysOf('*{*')).map(endOf))
    await open(10).insert('a', 1, { timestamp })
    const [short] = await ends()
    await open(100).insert('a', 1, { timestamp })
    expect(new Set(await ends())).toEqual(new Set([short! + 90 * 60]))
    await open(10).insert('a', 1, { timestamp })
    expect(new Set(await ends())).toEqual(new Set([short! + 90 * 60]))
    await open().insert('a', 1, { timestamp })
    expect(new Set(await ends())).toEqual(new Set([-1]))
    await open(10).insert('a', 1, { timestamp: timestamp + 232 * 60 })
    const [, , , old, young] = await ends()
    expect(old).toBe(-1)
    expect(young).toBeGreaterThan(timestamp)
    // Dead chunks without an expiry are deleted, a few with each new chunk: of this name, and of names that are no longer written.
    const clock = timestamp + 600 * 60
    const hits = createTimeseries(redisDriver(redis, { prefix, lease: 50 }), {
      type: 'count',
      intervals: { minute: { step: 60, steps: 10 } },
      now: () => clock,
    })
    await hits.insert('a')
    expect(await keysOf(`*:a:${Math.floor(timestamp / 60 / 232)}`)).toEqual([])
  })

  it('expiry does not leave dead names, neither in answers nor in the registry', async () => {
    const clock = { now: 1_700_000_000 }
    const hits = createTimeseries(redisDriver(redis, { prefix, shards: 1 }), {
      type: 'gauge',
      intervals: { second: { step: 1, steps: 1 } },
      now: () => clock.now,
    })
    const names = Array.from({ length: 20 }, (_, index) => `name-${index}`)
    await hits.bulkInsert(names.map((name) => ({ name, value: 1 })))
    expect(await hits.list()).toHaveLength(20)
    clock.now += 1
    expect(await hits.list()).toEqual([])
    // What their expiry would do two minutes from now.
    await redis.unlink(await keysOf('*second:name-*'))
    for (let turn = 0; turn < 4; turn++) {
      clock.now += 232
      await hits.insert('alive', 1)
    }
    expect(await redis.zrange(`${prefix}gauge:{0}:second`, '0', '-1')).toEqual(['alive'])
  })

  it('expires by itself, to the second, and never early', async () => {
    const seen = createTimeseries(redisDriver(redis, { prefix, lease: 50 }), {
      type: 'set',
      intervals: { second: { step: 1, steps: 2 } },
    })
    const timestamp = Math.ceil(Date.now() / 1000)
    await seen.insert('a', 1, { timestamp })
    expect(await keysOf('*{*')).toHaveLength(4)
    await sleep((timestamp + 2) * 1000 - Date.now() - 300)
    expect(await keysOf('*{*')).toHaveLength(4)
    await expect.poll(() => keysOf('*{*')).toEqual([])
  }, 20_000)

  it('if something else deletes a key, data do not become invisible or permanent', async () => {
    const hits = createTimeseries(redisDriver(redis, { prefix, lease: 50 }), {
      type: 'count',
      intervals: { minute: { step: 60, steps: 100 } },
    })
    await hits.insert('a')
    // An eviction could take any of them.
    await redis.unlink([...(await keysOf('*:minute:a')), ...(await keysOf('*:minute:a:*'))])
    await hits.insert('a')
    expect(await hits.list()).toEqual(['a'])
    for (const key of await keysOf('*{*')) expect(await redis.ttl(key)).toBeGreaterThan(0)
    await hits.deleteAll()
    expect(await keysOf('*{*')).toEqual([])
  })

  it('names the cells whose keys are used by something else, and stores the others', async () => {
    const hits = createTimeseries(redisDriver(redis, { prefix, lease: 50 }), {
      type: 'count',
      intervals: { day: { step: 'daily' } },
    })
    await hits.insert('a', 1, { timestamp: 0 })
    const [key] = await keysOf('*:a:*')
    await redis.set(key!, 'not a hash')
    const write = hits.bulkInsert([
      { name: 'a', value: 1, timestamp: 0 },
      { name: 'b', value: 1, timestamp: 0 },
    ])
    const error = await write.then(
      () => null,
      (reason: unknown) => reason,
    )
    expect(KairosError.is(error) && error).toMatchObject({
      code: 'KAIROS_STORE_FAILED',
      retryable: false,
      stored: 1,
      notApplied: [{ name: 'a', interval: 'day', start: 0 }],
      maybeApplied: [],
    })
    expect([...(await hits.get('b', 'day', { timestamp: 0 })).values()]).toEqual([1])
  })

  it('a cell of a histogram with a value that cannot be added is refused and unchanged, and the others expire as they should', async () => {
    const { store } = await redisDriver(redis, { prefix, lease: 50 }).open({
      type: 'histogram',
      valueType: 'int',
      record: '',
      facts: '{}',
      intervals: {
        day: { record: '', facts: '{}', hasResolution: true, fanOut: 24, resolutionRange, expiresAt: () => END },
      },
    })
    const at = (resolutionBucket: number, times: Readonly<Record<string, number>>) => {
      const change = new Map(Object.entries(times).map(([value, count]) => [Number(value), count]))
      return { name: 'a', interval: 'day', bucket: 1, resolutionBucket, change } as const
    }
    // New, a whole number, a fraction, a field that is full, and one after it.
    const refused = at(25, { 1: 6, 2: 6, 3: 7, 4: 2 ** 970, 5: 7 })
    const cells = [at(24, { 1: 1 }), refused, at(26, { 4: 8, 6: 1 }), at(27, { 1: 1 })]
    await store.write({ cells: [cells[0]!], oldestLive: { day: 0 } })
    const [key] = await keysOf('*:a:*')
    const before = { '1:2': '4', '1:3': '0.5', '1:4': '1.7976931348623157e+308', '1:5': '1', '2:6': 'x' }
    await redis.hset(key!, before)
    await redis.persist(key!)

    const error: WriteFailure = await store.write({ cells, oldestLive: { day: 0 } }).then(
      () => expect.unreachable(),
      (reason) => reason,
    )
    expect(error.retry).toBe('never')
    expect(error.maybeApplied).toEqual([])
    expect(error.notApplied).toEqual([refused, cells[2]])
    expect(await redis.hgetall(key!)).toEqual({ '0:1': '2', ...before, '3:1': '1' })
    expect(await endOf(key!)).toBe(END)
  })

  it('a count that something else has corrupted does not stop others from being written', async () => {
    const hits = createTimeseries(redisDriver(redis, { prefix, lease: 50 }), {
      type: 'count',
      intervals: { minute: { step: 60 } },
    })
    const minutes = new Map([0, 60, 120].map((timestamp) => [timestamp, { a: [1.5] }]))
    await hits.bulkInsert(minutes)
    const [key] = await keysOf('*:a:*')
    await redis.hset(key!, '1', 'x')
    await expect(hits.bulkInsert(minutes)).rejects.toMatchObject({
      code: 'KAIROS_STORE_FAILED',
      stored: 2,
      notApplied: [{ name: 'a', interval: 'minute', start: 60 }],
      maybeApplied: [],
    })
    expect(await redis.hgetall(key!)).toEqual({ 0: '3', 1: 'x', 2: '3' })
  })

  it('counts are exact: whole numbers to 2^53, fractions as the doubles of JavaScript', async () => {
    const sums = createTimeseries(redisDriver(redis, { prefix, lease: 50 }), {
      type: 'count',
      intervals: { day: { step: 'daily' } },
    })
    const stored = async (name: string, values: readonly number[]) => {
      for (const value of values) await sums.insert(name, value, { timestamp: 0 })
      return [...(await sums.get(name, 'day', { timestamp: 0 })).values()][0]
    }
    const tenths = Array.from({ length: 30 }, () => 0.1)
    expect(await stored('tenths', tenths)).toBe(tenths.reduce((sum, value) => sum + value, 0))
    expect(await stored('whole', [2 ** 53 - 2, 1])).toBe(2 ** 53 - 1)
    expect(await stored('mixed', [0.5, 0.5, 41, -1])).toBe(41)
    expect(await stored('huge', [1e300, 1e-20])).toBe(1e300)
    expect(await stored('beyond', [2 ** 62, 2 ** 62])).toBe(2 ** 63)
    expect(await stored('largest', [1.7e308])).toBe(1.7e308)
    await expect(
      sums.bulkInsert([
        { name: 'largest', value: 1.7e308, timestamp: 0 },
        { name: 'beside', value: 1, timestamp: 0 },
      ]),
    ).rejects.toMatchObject({
      code: 'KAIROS_STORE_FAILED',
      retryable: false,
      stored: 1,
      notApplied: [{ name: 'largest' }],
      maybeApplied: [],
    })
    expect(await stored('largest', [])).toBe(1.7e308)
    expect(await stored('beside', [])).toBe(1)
  })

  it('writes on pipelines and transactions that the application runs', async () => {
    const node = await createClient({ url: url! }).connect()
    const hits = createTimeseries(redisDriver(redis, { prefix, lease: 50 }), {
      type: 'count',
      intervals: { day: { step: 'daily' } },
    })
    await hits.open()
    const count = async () => [...(await hits.get('a', 'day', { timestamp: 0 })).values()][0]
    const pipeline = redis.pipeline().set(`${prefix}beside`, '1')
    expect(await hits.insert('a', 2, { timestamp: 0, pipeline })).toEqual({ stored: 1, expired: 0 })
    expect(await count()).toBe(0)
    expect((await pipeline.exec())?.map(([error]) => error)).toEqual([null, null])
    expect(await count()).toBe(2)
    const transaction = redis.multi()
    await hits.bulkInsert([{ name: 'a', value: 3, timestamp: 0 }], { pipeline: transaction })
    await transaction.exec()
    expect(await count()).toBe(5)
    const multi = node.multi()
    await hits.insert('a', 5, { timestamp: 0, pipeline: multi })
    await multi.exec()
    expect(await count()).toBe(10)
    const refused = hits.insert('a', 1, { pipeline: {} as never })
    const nothing = { notApplied: [{ name: 'a' }], maybeApplied: [] }
    await expect(refused).rejects.toMatchObject({ ...nothing, code: 'KAIROS_INVALID_CONFIG', path: 'pipeline' })
    // It has the methods of a pipeline, and would run at once.
    await expect(hits.insert('a', 1, { pipeline: redis as never })).rejects.toMatchObject({
      ...nothing,
      path: 'pipeline',
    })
    const counting = hits.insert('a', 1, { pipeline: redis.pipeline(), returning: 'day' } as never)
    await expect(counting).rejects.toMatchObject({ ...nothing, code: 'KAIROS_UNSUPPORTED', feature: 'returning' })
    const cell = { name: 'a', interval: 'day', start: 0, value: 1 } as const
    const replacing = hits.write([cell], { mode: 'replace', pipeline: redis.pipeline() })
    await expect(replacing).rejects.toMatchObject({ ...nothing, code: 'KAIROS_UNSUPPORTED', feature: 'pipeline' })
    expect(await count()).toBe(10)
    node.destroy()
  })

  it('works with a client that has automatic pipelines', async () => {
    const client = new Redis(url!, {
      enableAutoPipelining: true,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
    })
    const hits = createTimeseries(redisDriver(client, { prefix }), {
      type: 'count',
      intervals: { day: { step: 'daily' } },
      now: () => 0,
    })
    await Promise.all(Array.from({ length: 20 }, () => hits.insert('a')))
    expect([...(await hits.get('a', 'day')).values()]).toEqual([20])
    client.disconnect()
  })

  it('reconnects if every error makes the client do so and the server does not know the scripts', async () => {
    const client = new Redis(url!, {
      reconnectOnError: () => true,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
    })
    await redis.script('FLUSH')
    const hits = createTimeseries(redisDriver(client, { prefix }), {
      type: 'count',
      intervals: { day: { step: 'daily' } },
    })
    expect(await hits.insert('a')).toEqual({ stored: 1, expired: 0 })
    client.disconnect()
  })

  it('refuses unknown value types, and a pipeline for anything but a write', async () => {
    const driver = redisDriver(redis, { prefix })
    const opened = driver.open({ type: 'gauge', valueType: 'colour', record: '', facts: '{}', intervals: {} })
    await expect(opened).rejects.toMatchObject({ code: 'KAIROS_UNSUPPORTED', feature: 'valueType' })
    const { store } = await driver.open({ type: 'count', valueType: 'float', record: '', facts: '{}', intervals: {} })
    const deletion = store.delete(null, { driverOptions: { pipeline: redis.pipeline() } })
    await expect(deletion).rejects.toMatchObject({ code: 'KAIROS_UNSUPPORTED', feature: 'pipeline' })
  })

  it('a fetched row is a list of rows, whatever the command returns', async () => {
    const open = (type: 'set' | 'histogram' | 'series') =>
      createTimeseries(redisDriver(redis, { prefix }), {
        type: type as 'set',
        valueType: 'int',
        intervals: { day: { step: 'daily' }, hours: { step: 'daily', resolution: '1h' } },
        now: () => 0,
      })
    type Commands = { [command: string]: (...parts: unknown[]) => unknown }
    const rowsOf = async (type: 'set' | 'histogram' | 'series', interval: 'day' | 'hours', ...command: unknown[]) => {
      const rows: unknown[] = []
      const timeseries = open(type)
      await timeseries.deleteAll()
      await timeseries.insert('a', 7)
      await timeseries.get('a', interval as 'day', {
        fetch: (pipeline, { key }) => (pipeline as Commands)[String(command[0])]!(key, ...command.slice(1)),
        processRow: (row: unknown) => {
          rows.push(row)
          return row as ReadonlySet<number>
        },
      })
      return rows
    }
    expect(await rowsOf('set', 'day', 'smembers')).toEqual([['7']])
    expect(await rowsOf('set', 'hours', 'smembers')).toEqual([['7']])
    expect(await rowsOf('set', 'day', 'scard')).toEqual([[1]])
    expect(await rowsOf('series', 'day', 'lrange', 0, -1)).toEqual([['7']])
    expect(await rowsOf('histogram', 'day', 'hgetall')).toEqual([[['7', '1']]])
    expect(await rowsOf('histogram', 'hours', 'hgetall')).toEqual([[['7', '1']]])
  })

  it("takes the URL's database, and iovalkey", async () => {
    const { host, port } = nodesOf(url!)[0]!
    await using inThree = createTimeseries(redisDriver(`redis://${host}:${port}/3`, { prefix }), {
      type: 'set',
      intervals: { day: { step: 'daily' } },
    })
    await inThree.insert('a', 1)
    const three = new Redis({ host, port, db: 3 })
    expect(await three.keys(`${prefix}*`)).toHaveLength(6)
    expect(await keysOf()).toEqual([])
    await inThree.deleteAll()
    await three.unlink(`${prefix}set:schema`, `${prefix}places`)
    three.disconnect()
    const valkey = new Valkey(port, host, { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 })
    const hits = createTimeseries(redisDriver(valkey, { prefix }), {
      type: 'series',
      valueType: 'blob',
      intervals: { hour: { step: HOUR, resolution: 60 } },
    })
    await hits.insert('a', Uint8Array.of(0, 255, 58, 32), { timestamp: 61 })
    expect([...(await hits.get('a', 'hour', { timestamp: 0 })).entries()]).toEqual([
      [60, [Uint8Array.of(0, 255, 58, 32)]],
    ])
    valkey.disconnect()
  })

  it('a schema that another process replaced keeps old and new data apart, and what was retired is deleted', async () => {
    const old = createTimeseries(redisDriver(redis, { prefix, lease: 50 }), {
      type: 'count',
      intervals: { slot: { step: 60, steps: 10 } },
    })
    await old.insert('gone', 1)
    // By this clock nothing is live, so the record may change.
    const later = Date.now() / 1000 + 30 * 86_400
    const young = createTimeseries(redisDriver(redis, { prefix, lease: 50 }), {
      type: 'count',
      intervals: { slot: { step: HOUR, steps: 10 } },
      now: () => later,
    })
    expect(await young.list()).toEqual([])
    expect(await keysOf('*{*')).toEqual([])
    await young.insert('new', 1)
    expect(await keysOf('*slot@1*')).toHaveLength(4)
    // A process that was open already can neither write any more nor read what others have written.
    const before = await keysOf()
    await expect(old.insert('late', 1)).rejects.toMatchObject({ code: 'KAIROS_CONFIG_CHANGED' })
    await expect(old.list()).rejects.toMatchObject({ code: 'KAIROS_CONFIG_CHANGED' })
    expect(await keysOf()).toEqual(before)
  })

  it('shards are recorded and kept', async () => {
    const config = { type: 'count', intervals: { day: { step: 'daily' } } } as const
    await createTimeseries(redisDriver(redis, { prefix, shards: 2 }), config).insert('a')
    expect(await createTimeseries(redisDriver(redis, { prefix, lease: 50 }), config).list()).toEqual(['a'])
    await expect(createTimeseries(redisDriver(redis, { prefix, shards: 4 }), config).list()).rejects.toMatchObject({
      code: 'KAIROS_CONFIG_CHANGED',
    })
  })

  it('a long list is read in parts, in order', async () => {
    const log = createTimeseries(redisDriver(redis, { prefix, lease: 50 }), {
      type: 'series',
      valueType: 'int',
      intervals: { day: { step: 'daily' } },
    })
    const values = Array.from({ length: 45_000 }, (_, index) => index)
    await log.bulkInsert([
      { name: 'a', value: values, timestamp: 0 },
      { name: 'a', value: [7], timestamp: 86_400 },
    ])
    const days = await log.series('a', 'day', { start: 0, end: 86_400 })
    expect([...days.values()]).toEqual([values, [7]])
  })
})

describe.each([
  ['one server', REDIS_URL],
  ['a cluster', CLUSTER_URL],
])('what %s is asked to do', (_where, url) => {
  test.skipIf(url === undefined)('no call scans the keyspace', async () => {
    const nodes = nodesOf(url!).map(({ host, port }) => new Redis(port, host))
    const scans = ['keys', 'scan', 'hscan', 'sscan', 'zscan', 'randomkey'].map((command) => `-${command}`)
    const user = `no-scans-${process.pid}`
    // Whatever the others on this server do: a user of this test's own, who may do anything else, in scripts too.
    for (const node of nodes) await node.acl('SETUSER', user, 'on', 'nopass', '~*', '&*', '+@all', ...scans)
    const login = { username: user, password: 'any' }
    const client = url === CLUSTER_URL ? carefulCluster(url!, login) : careful(url!, login)
    await expect(client.keys('*')).rejects.toThrow(/NOPERM/)
    for (const type of ['series', 'histogram', 'count', 'gauge', 'set'] as const) {
      const timeseries = createTimeseries(redisDriver(client, { prefix: `${prefix}:calls` }), {
        type,
        intervals: { minute: { step: 60, steps: 100 }, hour: { step: HOUR, resolution: 60 } },
      }) as unknown as ReturnType<typeof anyTimeseries>
      await timeseries.insert('a', 1)
      await timeseries.bulkInsert([{ name: 'b', value: 1 }])
      await timeseries.get(['a', 'b'], 'minute')
      await timeseries.series('a', 'minute')
      for await (const _ of timeseries.iterate('a', 'minute')) break
      await timeseries.list()
      await timeseries.properties('a')
      await timeseries.expire()
      await timeseries.delete('a')
      await timeseries.deleteAll()
    }
    for (const node of nodes) await node.acl('DELUSER', user)
    for (const node of [...nodes, client]) node.disconnect()
  })
})

const anyTimeseries = () =>
  createTimeseries('memory:', {
    type: 'count',
    intervals: { minute: { step: 60, steps: 100 }, hour: { step: HOUR, resolution: 60 } },
  })
