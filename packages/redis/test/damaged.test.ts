import { createTimeseries } from '@kairos/core'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisDriver, redisDriver } from '../src/index.ts'
import { REDIS_URL } from './clients.ts'

const PREFIX = 'damaged:'
/** The first minute of a chunk. */
const START = 122_126 * 232 * 60
const now = () => START + 231 * 60

describe.skipIf(REDIS_URL === undefined)('data that something else has changed', () => {
  let server: Redis
  let driver: RedisDriver
  beforeAll(() => {
    server = new Redis(REDIS_URL!)
    driver = redisDriver(REDIS_URL!, { prefix: PREFIX })
  })
  afterAll(async () => {
    const keys = await server.keys(`${PREFIX}*`)
    if (keys.length > 0) await server.del(keys)
    server.disconnect()
    await driver.close()
  })

  const counts = () => createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60 } }, now })

  /** A chunk of 200 numbers, and its key. */
  async function chunkOf(timeseries: ReturnType<typeof counts>): Promise<[string, Buffer]> {
    await timeseries.delete('a')
    await timeseries.bulkInsert(
      Array.from({ length: 200 }, (_, minute) => ({ name: 'a', value: 300 + minute, timestamp: START + minute * 60 })),
    )
    const [key] = (await server.keys(`${PREFIX}count:*:a:*`)) as [string]
    return [key, (await server.getBuffer(key))!]
  }

  const doubles = (number: number) => {
    const bytes = Buffer.alloc(1 + 29 + 232 * 8, 255)
    bytes[0] = 8
    for (let field = 0; field < 232; field++) bytes.writeDoubleBE(number, 30 + field * 8)
    return bytes
  }

  it.each<[string, (whole: Buffer) => Buffer]>([
    ['without its last byte', (whole) => whole.subarray(0, -1)],
    ['without its last numbers', (whole) => whole.subarray(0, 300)],
    ['without its numbers', (whole) => whole.subarray(0, 30)],
    ['without anything', () => Buffer.alloc(0)],
    ['with only a width', () => Buffer.from([2])],
    ['with more bytes', (whole) => Buffer.concat([whole, Buffer.from('x')])],
    ['with the width 0', (whole) => Buffer.concat([Buffer.from([0]), whole.subarray(1)])],
    ['with the width 5', (whole) => Buffer.concat([Buffer.from([5]), whole.subarray(1)])],
    ['with the width 8', (whole) => Buffer.concat([Buffer.from([8]), whole.subarray(1)])],
    ['of other numbers', () => doubles(Number.NaN)],
    ['of infinities', () => doubles(Number.POSITIVE_INFINITY)],
    ['that is a text', () => Buffer.from('1 2')],
  ])('a packed chunk %s is never read as numbers, nor made whole by a write', async (_, damage) => {
    const timeseries = counts()
    const [key, whole] = await chunkOf(timeseries)
    await server.set(key, damage(whole))
    const range = { start: START, end: START + 231 * 60 }
    const expectRefused = async () => {
      for (const options of [range, { ...range, collapse: true }])
        await expect(timeseries.series('a', 'minute', options as never)).rejects.toThrow(/damaged|WRONGTYPE/)
    }
    await expectRefused()
    // In place, in the middle and at the end; too large for its width; many at once; a replacement.
    const cell = { name: 'a', interval: 'minute', start: START + 60 } as const
    await Promise.allSettled([
      timeseries.insert('a', 1, { timestamp: START }),
      timeseries.insert('a', 1, { timestamp: START + 231 * 60 }),
      timeseries.insert('a', 70_000, { timestamp: START + 231 * 60 }),
      timeseries.insert('a', 0.5, { timestamp: START + 231 * 60 }),
      timeseries.bulkInsert(
        Array.from({ length: 12 }, (_, minute) => ({ name: 'a', value: 1, timestamp: START + (220 + minute) * 60 })),
      ),
      timeseries.bulkInsert(
        Array.from({ length: 60 }, (_, minute) => ({ name: 'a', value: 1, timestamp: START + (170 + minute) * 60 })),
      ),
      timeseries.write([{ ...cell, value: 7 }], { mode: 'replace' }),
    ])
    await expectRefused()
  })

  it('a cut chunk is left as it is, and the error names the key', async () => {
    const timeseries = counts()
    const [key, whole] = await chunkOf(timeseries)
    await server.set(key, whole.subarray(0, 300))
    await expect(timeseries.get('a', 'minute', { timestamp: START })).rejects.toThrow(key)
    for (const value of [1, 70_000, 0.5])
      await expect(timeseries.insert('a', value, { timestamp: START + 231 * 60 })).rejects.toMatchObject({
        notApplied: [{ value }],
        retryable: false,
      })
    expect(await server.strlen(key)).toBe(300)
  })

  it.each([
    ['1', ''],
    ['1', 'x'],
    ['1', 'nan'],
    ['1', 'inf'],
    ['1', ' 5'],
    ['x', '1'],
    ['1.5', '1'],
    ['-1', '1'],
    ['232', '1'],
    ['999', '1'],
  ])('a hash with the field %s and the number "%s" is refused', async (field, number) => {
    const timeseries = counts()
    const [key] = await chunkOf(timeseries)
    await server.del(key)
    await server.hset(key, field, number)
    const range = { start: START - 3_600, end: START + 10_000 * 60 }
    await expect(timeseries.series('a', 'minute', range)).rejects.toMatchObject({ code: 'KAIROS_STORE_FAILED' })
  })

  it.each([
    ['set', 'int', 'x'],
    ['set', 'int', ''],
    ['set', 'int', '1.5'],
    ['set', 'int64', ''],
    ['series', 'float', 'nan'],
    ['series', 'datetime', ''],
    ['series', 'boolean', 'x'],
    ['histogram', 'int', 'x'],
    ['histogram', 'int64', 'x'],
  ] as const)('a %s of %s with the element "%s" is refused', async (type, valueType, element) => {
    const value = { int: 1, int64: 1n, float: 1, datetime: new Date(0), boolean: true }[valueType]
    const intervals = { day: { step: 86_400 }, hours: { step: 86_400, resolution: 3_600 } } as const
    const timeseries = createTimeseries(driver, {
      name: valueType,
      type,
      valueType,
      intervals,
      now,
    } as never) as never as {
      insert(name: string, value: unknown): Promise<unknown>
      get(name: string, interval: string): Promise<unknown>
      delete(name: string): Promise<void>
    }
    await timeseries.delete('a')
    await timeseries.insert('a', value)
    for (const [interval, offsets] of [
      ['day', ['']],
      ['hours', ['', '0:', '99:', '-1:', 'x:', '1.5:']],
    ] as const) {
      for (const offset of offsets) {
        const [key] = (await server.keys(`${PREFIX}${type}.${valueType}:*:${interval}:a:*`)) as [string]
        const whole = await server.dumpBuffer(key)
        const text = offset === '' || offset === '0:' ? offset + element : `${offset}1`
        if (type === 'set') await server.sadd(key, text)
        else if (type === 'series') await server.rpush(key, text)
        else await server.hset(key, text, '1')
        await expect(timeseries.get('a', interval), text).rejects.toThrow(`${key} is damaged`)
        await server.restore(key, 0, whole!, 'REPLACE')
        await timeseries.get('a', interval)
      }
    }
    await timeseries.delete('a')
  })

  it('chunks of summaries, bins and registers that hold something else are refused by reads, and never made whole by a write', async () => {
    const bytesOf = (whole: Buffer, at: number, ...bytes: readonly number[]) => {
      const changed = Buffer.from(whole)
      changed.set(bytes, at)
      return changed
    }
    const cut = (whole: Buffer) => [
      Buffer.alloc(0),
      Buffer.from('1 2'),
      whole.subarray(0, -1),
      Buffer.concat([whole, whole]),
    ]
    const nan = [0x7f, 0xf8, 0, 0, 0, 0, 0, 0]
    const damages = {
      // Another first byte, width or size; another field that is there; numbers that are not finite, in the places of least and most.
      summary: (whole: Buffer) => [
        ...[bytesOf(whole, 0, 8), bytesOf(whole, 1, 3), bytesOf(whole, 7, 14), bytesOf(whole, 8, 192)],
        ...[bytesOf(whole, whole.length - 28, ...nan), bytesOf(whole, whole.length - 20, 0xff, 0xf0, 0, 0, 0, 0, 0, 0)],
      ],
      // Another length or field; another width; a bin beyond the last one, or before the one before it.
      distribution: (whole: Buffer) => [
        ...[bytesOf(whole, 0, 6), bytesOf(whole, 8, 12), bytesOf(whole, 9, 32), bytesOf(whole, 12, 8)],
        ...[bytesOf(whole, 13, 3), bytesOf(whole, 14, 16), bytesOf(whole, 18, 0)],
      ],
      // Another form or precision; a register beyond the last one, before the one before it, with more zeros than a hash has.
      unique: (whole: Buffer) => [
        ...[bytesOf(whole, 13, 3), bytesOf(whole, 13, 2), bytesOf(whole, 14, 7), bytesOf(whole, 14, 17)],
        ...[bytesOf(whole, 15, 16), bytesOf(whole, 18, 0, 0), bytesOf(whole, 17, 54)],
      ],
    }
    for (const type of ['summary', 'distribution', 'unique'] as const) {
      const options = { type, intervals: { minute: { step: 60 } }, now: () => START } as never
      const timeseries = createTimeseries(driver, options) as unknown as ReturnType<typeof counts>
      const values = (type === 'unique' ? ['ada', 'bob'] : [1.5, 2.25]) as never[]
      await timeseries.insert('a', values)
      const [key] = (await server.keys(`${PREFIX}${type}:*:a:*`)) as [string]
      const whole = (await server.getBuffer(key))!
      for (const damaged of [...cut(whole), ...damages[type](whole)]) {
        await server.set(key, damaged)
        for (const write of [false, true]) {
          // So often that the cells of a chunk of sketches are united.
          for (let times = write ? 40 : 0; times > 0; times--) await timeseries.insert('a', values).catch(() => {})
          await expect(timeseries.get('a', 'minute'), damaged.toString('hex')).rejects.toThrow(/damaged|WRONGTYPE/)
        }
      }
      await server.set(key, whole)
      await timeseries.get('a', 'minute')
    }
  })
})
