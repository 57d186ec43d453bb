import { connect } from 'node:net'
import { memoryDriver } from '@kairos/core'
import type { CellStore, CellValue, CellWrite, StoreSchema, TimeseriesType } from '@kairos/core/driver'
import { afterAll, describe, expect, it as test } from 'vitest'
import { redisDriver } from '../src/index.ts'
import { careful, SERVERS } from './clients.ts'

const ROUNDS = process.env.KAIROS_TEST_SIZE === 'long' ? 400 : 10
const shape = { facts: '{}', resolutionRange: (bucket: number) => ({ first: bucket * 24, last: bucket * 24 + 23 }) }
const intervals = {
  minute: { ...shape, record: 'minute', hasResolution: false, fanOut: 1, expiresAt: () => null },
  day: { ...shape, record: 'day', hasResolution: true, fanOut: 24, expiresAt: () => 4_000_000_000 },
}
const oldestLive = { minute: -1e6, day: -1e6 }
const everything = { first: -1e6, last: 1e6 }

/** Numbers of every width, often of one only, so that chunks are widened in all ways. */
function numbersOf(random: () => number): () => number {
  const sizes = [5, 100, 2 ** 10, 2 ** 14, 2 ** 20, 2 ** 40].slice(0, 1 + Math.floor(random() * 6))
  return () => {
    const number = Math.round((random() - 0.4) * 2 * sizes[Math.floor(random() * sizes.length)]!)
    return random() < 0.02 ? number + 0.1 : number + 0
  }
}

/** Changes of each type, often of one size only. */
function changesOf(type: TimeseriesType, valueType: string, random: () => number): () => CellValue {
  const number = numbersOf(random)
  if (type === 'summary') {
    return () => ({
      count: 1 + Math.abs(number()),
      sum: number(),
      min: number(),
      max: number(),
      last: number(),
      lastAt: 1_700_000_000 + Math.floor(random() * 4) / (random() < 0.1 ? 2 : 1),
    })
  }
  if (type === 'distribution')
    return () =>
      new Map(
        Array.from({ length: 1 + random() * 20 }, () => [
          Math.trunc(number()) % 2 ** 19,
          random() < 0.02 ? 2 ** 40 + random() : 1 + Math.floor(random() * 300),
        ]),
      )
  if (type === 'unique') {
    const most = random() < 0.8 ? 4 : 150
    return () =>
      registers(
        new Map(
          Array.from({ length: 1 + random() * most }, () => [Math.floor(random() * 256), Math.floor(random() * 20)]),
        ),
      )
  }
  return () => (valueType === 'boolean' ? number() > 0 : number())
}

/** Registers of precision 8. */
function registers(ranks: ReadonlyMap<number, number>): Uint8Array {
  const all = new Uint8Array(256)
  for (const [index, rank] of ranks) all[index] = 1 + rank
  const few = [...all].flatMap((rank, index) => (rank === 0 ? [] : [0, index, rank]))
  return new Uint8Array(few.length > 256 ? [2, 8, ...all] : [1, 8, ...few])
}

function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

const sorted = <Cell extends CellWrite>(cells: readonly Cell[]): Cell[] => {
  const byPlace = new Map(
    cells.map((cell) => [`${cell.name} ${cell.interval} ${cell.bucket} ${cell.resolutionBucket}`, cell]),
  )
  return [...byPlace.values()].sort(
    (a, b) =>
      a.name.localeCompare(b.name) ||
      a.interval.localeCompare(b.interval) ||
      a.bucket - b.bucket ||
      a.resolutionBucket - b.resolutionBucket,
  )
}

async function contentOf(store: CellStore): Promise<unknown> {
  const found: Record<string, unknown> = {}
  for (const interval of Object.keys(intervals)) {
    const query = { names: ['a', 'b', 'c'], interval, range: everything }
    found[`bounds ${interval}`] = await store.bounds(query)
    for (const { name, bucket, resolutionBucket, value } of await store.read(query))
      found[`${name} ${interval} ${bucket} ${resolutionBucket}`] = value
    found[`part of ${interval}`] = (await store.read({ ...query, range: { first: 5, last: 9 } })).length
  }
  return found
}

/** Every command that a server is sent from now on. That of ioredis fails where one comes with the answer to MONITOR. */
async function monitor(url: string): Promise<{ lines(): string[]; close(): void }> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let text = ''
  await new Promise<void>((resolve) => {
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      if (text.startsWith('+OK\r\n')) resolve()
    })
    socket.write('MONITOR\r\n')
  })
  return { lines: () => text.split('\r\n').slice(1), close: () => socket.destroy() }
}

describe.each(SERVERS)('packed chunks on $name', ({ url }) => {
  const it = test.skipIf(url === undefined)
  const redis = url === undefined ? (undefined as never) : careful(url)
  const prefix = `packed-${process.pid}:`
  afterAll(async () => {
    if (url === undefined) return
    const keys = await redis.keys(`${prefix}*`)
    if (keys.length > 0) await redis.unlink(keys)
    redis.disconnect()
  })

  it.each([
    ['count', 'float'],
    ['gauge', 'float'],
    ['gauge', 'boolean'],
    ['summary', 'float'],
    ['distribution', 'float'],
    ['unique', 'string'],
  ] as const)('%s of %s: random writes, replacements and deletes as in memory', async (type, valueType) => {
    const schema: StoreSchema<TimeseriesType> = { type, valueType, name: valueType, record: '', facts: '{}', intervals }
    const random = generator(type.length * 1_000 + valueType.length)
    const driver = redisDriver(redis, { prefix, lease: 1_000 })
    const [real, model] = [(await driver.open(schema)).store, (await memoryDriver().open(schema)).store]
    for (let round = 0; round < ROUNDS; round++) {
      const value = changesOf(type, valueType, random)
      const from = Math.floor(random() * 300) - 100
      const spread = random() < 0.5 ? 40 : 400
      const cells = sorted(
        Array.from({ length: 1 + Math.floor(random() ** 3 * 300) }, (): CellWrite => {
          const interval = random() < 0.7 ? 'minute' : 'day'
          const at = from + Math.floor(random() * spread)
          const bucket = interval === 'minute' ? at : Math.floor(at / 24)
          const resolutionBucket = interval === 'minute' ? 0 : bucket * 24 + Math.floor(random() * 24)
          return { name: 'abc'[Math.floor(random() * 3)]!, interval, bucket, resolutionBucket, change: value() }
        }),
      )
      const kind = random()
      if (kind < 0.8) {
        const batch = { cells, oldestLive, ...(type === 'count' && { returning: random() < 0.5 }) }
        const receipt = await real.write(batch)
        // A receipt that says nothing may be left out.
        expect(receipt ?? {}).toEqual((await model.write(batch)) ?? {})
      } else if (kind < 0.9) {
        const batch = {
          oldestLive,
          cells: cells.map(({ change, ...place }) => ({
            ...place,
            value: random() < 0.3 ? null : change,
            ...(random() < 0.3 && { expected: random() < 0.5 ? null : value() }),
          })),
        }
        const { unexpected } = await real.replace!(batch)
        expect(unexpected).toEqual((await model.replace!(batch)).unexpected)
      } else {
        const query = { names: ['a', 'c'], interval: 'minute', range: { first: from, last: from + spread } }
        await real.deleteRange(query)
        await model.deleteRange(query)
      }
      expect(await contentOf(real)).toEqual(await contentOf(model))
    }
    if (type !== 'count' && type !== 'gauge') return
    const kinds = await Promise.all(
      (await redis.keys(`${prefix}${type}.${valueType}:*:[abc]:*`)).map((key) => redis.type(key)),
    )
    expect(kinds).toContain('string')
    // In the long size all of them have filled.
    if (ROUNDS < 100) expect(kinds).toContain('hash')
  })

  it('a read asks for chunks, not for buckets', async () => {
    const schema: StoreSchema = {
      type: 'count',
      valueType: 'float',
      name: 'watched',
      record: '',
      facts: '{}',
      intervals,
    }
    const { store } = await redisDriver(redis, { prefix, lease: 60_000 }).open(schema)
    // Chunks 0 to 5 and 9 are packed, 6 is a hash, 7 is missing.
    const buckets = Array.from({ length: 1_400 + 232 }, (_, at) => (at < 1_400 ? at : 9 * 232 + at - 1_400))
    const cells = buckets.map(
      (bucket): CellWrite => ({ name: 'a', interval: 'minute', bucket, resolutionBucket: 0, change: bucket + 1 }),
    )
    await store.write({ cells, oldestLive })
    // Numbers of 12 bits, and of 16.
    const [chunk] = await redis.keys(`${prefix}count.watched:*:a:9`)
    const lengths = ['0', '5', '9'].map((score) => redis.strlen(chunk!.replace(/9$/, score)))
    expect(await Promise.all(lengths)).toEqual([378, 378, 494])
    const watching = await monitor(url!)
    let seen = 0
    const read = async (first: number, last: number): Promise<string> => {
      const found = await store.read({ names: ['a'], interval: 'minute', range: { first, last } })
      const expected = buckets.filter((bucket) => bucket >= first && bucket <= last)
      expect(found.map(({ bucket, value }) => [bucket, value])).toEqual(expected.map((bucket) => [bucket, bucket + 1]))
      // What is sent later is seen later.
      await redis.get(`${prefix}count.watched:${++seen}`)
      const commands = () =>
        watching
          .lines()
          .flatMap((line) => (line.includes(`${prefix}count.watched:`) ? [/"(\w+)"/.exec(line)![1]!] : []))
      await expect.poll(() => commands().filter((command) => command === 'get').length).toBe(seen)
      return commands()
        .join(' ')
        .toLowerCase()
        .split(/\bget\b/)
        [seen - 1]!.trim()
    }
    expect(await read(0, 1_391)).toBe('mget')
    expect(await read(1_160, 1_399)).toBe('mget evalsha hgetall')
    // Most are not packed: the next read begins with the index.
    expect(await read(1_392, 1_700)).toBe('mget evalsha hgetall hgetall')
    expect(await read(1_392, 1_700)).toBe('evalsha zrangebyscore mget hgetall')
    expect(await read(0, 463)).toBe('mget')
    // A long range may be mostly empty.
    expect(await read(0, 17 * 232)).toBe('evalsha zrangebyscore mget hgetall')
    watching.close()
  })
})
