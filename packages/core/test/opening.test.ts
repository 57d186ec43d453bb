import { describe, expect, it } from 'vitest'
import {
  failedStore,
  type OpenOptions,
  type Records,
  type StorageDriver,
  type StoreSchema,
  type TimeseriesType,
} from '../src/driver.ts'
import { KairosError, memoryDriver } from '../src/index.ts'
import { type AnyTimeseries, createAny } from './support/any-timeseries.ts'
import { failureOf } from './support/failure.ts'

const minute = { minute: { step: 60 } }

/** A memory driver that records how it was opened. */
function watchedDriver(before: (opened: number) => Promise<void> = async () => {}) {
  const memory = memoryDriver()
  const opened: { schema: StoreSchema<TimeseriesType>; options: OpenOptions | undefined }[] = []
  const driver: StorageDriver = {
    ...memory,
    async open(schema, options) {
      opened.push({ schema, options })
      await before(opened.length)
      return memory.open(schema, options)
    },
  }
  return { driver, opened }
}

describe('opening', () => {
  it('happens once, with the first call that needs the store, for all that wait', async () => {
    const { driver, opened } = watchedDriver()
    const counts = createAny(driver, { type: 'count', intervals: minute, now: () => 0 })
    expect(opened).toHaveLength(0)
    await Promise.all([counts.insert('a'), counts.get('a', 'minute'), counts.list(), counts.open()])
    expect(await counts.open()).toBe(counts)
    expect(opened).toHaveLength(1)
  })

  it('that fails is tried again by the next call', async () => {
    const { driver, opened } = watchedDriver(async (attempt) => {
      if (attempt === 1) throw failedStore('down', 'never')
    })
    const counts = createAny(driver, { type: 'count', intervals: minute, now: () => 0 })
    const error = await failureOf(() => counts.open(), 'KAIROS_STORE_FAILED')
    expect(error).toMatchObject({ driver: 'memory', operation: 'open', retryable: false })
    await counts.insert('a')
    expect(opened).toHaveLength(2)
  })

  it('that fails with an error of Kairos’ own passes it on', async () => {
    const own = new KairosError('KAIROS_UNSUPPORTED', 'this server is too old', {
      driver: 'memory',
      feature: 'scripts',
    })
    const { driver } = watchedDriver(async () => {
      throw own
    })
    const counts = createAny(driver, { type: 'count', intervals: minute, now: () => 0 })
    await expect(counts.open()).rejects.toBe(own)
    const error = await failureOf(() => counts.insert('a'), 'KAIROS_UNSUPPORTED')
    expect(error).toMatchObject({ feature: 'scripts', stored: 0, notApplied: [{ name: 'a' }], maybeApplied: [] })
  })

  it('that fails under writes: each reports its own cells', async () => {
    const { driver } = watchedDriver(async () => {
      throw failedStore('down', 'never')
    })
    const counts = createAny(driver, { type: 'count', intervals: minute, now: () => 0 })
    const failures = await Promise.all(
      ['a', 'b'].map((name) => failureOf(() => counts.insert(name), 'KAIROS_STORE_FAILED')),
    )
    for (const [index, name] of ['a', 'b'].entries()) {
      expect(failures[index]).toMatchObject({
        operation: 'open',
        stored: 0,
        expired: 0,
        notApplied: [{ name, interval: 'minute', start: 0 }],
        maybeApplied: [],
      })
    }
  })

  it('continues for the others when one of them aborts', async () => {
    const gate = Promise.withResolvers<void>()
    const { driver, opened } = watchedDriver(() => gate.promise)
    const counts = createAny(driver, { type: 'count', intervals: minute, now: () => 0 })
    const controller = new AbortController()
    const one = failureOf(() => counts.insert('a', 1, { signal: controller.signal }), 'KAIROS_ABORTED')
    const other = counts.insert('b')
    controller.abort()
    expect(await one).toMatchObject({ notApplied: [{ name: 'a' }], maybeApplied: [] })
    gate.resolve()
    expect(await other).toEqual({ stored: 1, expired: 0 })
    expect(opened).toHaveLength(1)
  })

  it('tells the driver what it has to know of each interval', async () => {
    const { driver, opened } = watchedDriver()
    const intervals = { month: { step: 'monthly', steps: 2, resolution: 'daily' }, hour: { step: '1h' } }
    await createAny(driver, { type: 'gauge', intervals, now: () => 0 }).open()
    const { schema } = opened[0]!
    expect(schema).toMatchObject({
      type: 'gauge',
      valueType: 'float',
      record: '{"version":1,"type":"gauge","valueType":"float"}',
    })
    const { month, hour } = schema.intervals
    expect(month).toMatchObject({
      record: '{"version":1,"step":"monthly","resolution":"daily"}',
      hasResolution: true,
      fanOut: 31,
    })
    expect(month!.resolutionRange(202_402)).toEqual({ first: 20_240_201, last: 20_240_229 })
    expect(hour).toMatchObject({ record: '{"version":1,"step":3600}', hasResolution: false, fanOut: 1 })
    expect(hour!.resolutionRange(5)).toEqual({ first: 0, last: 0 })
    expect(hour!.expiresAt(5)).toBeNull()
  })
})

describe('a store that holds data of another configuration', () => {
  const count = (driver: StorageDriver, intervals: object, now = 0) =>
    createAny(driver, { type: 'count', intervals, now: () => now })

  it('is refused, with both configurations and the way out', async () => {
    const driver = memoryDriver()
    await count(driver, { ...minute, day: { step: 'daily' } }).insert('a')
    const changed = count(driver, { minute: { step: 300 }, day: { step: 'daily', resolution: '1h' } })
    for (const call of [() => changed.open(), () => changed.get('a', 'minute'), () => changed.insert('a')]) {
      const error = await failureOf(call, 'KAIROS_CONFIG_CHANGED')
      expect(error.driver).toBe('memory')
      expect(error.recorded).toEqual({
        intervals: { minute: '{"version":1,"step":60}', day: '{"version":1,"step":"daily"}' },
      })
      expect(error.configured).toEqual({
        intervals: { minute: '{"version":1,"step":300}', day: '{"version":1,"step":"daily","resolution":3600}' },
      })
      expect(error.message).toContain('interval "minute" was {"version":1,"step":60} and is {"version":1,"step":300}')
      expect(error.message).toContain('another prefix or table')
    }
  })

  it('of another valueType likewise, though only intervals hold them that are configured no more', async () => {
    const driver = memoryDriver()
    await createAny(driver, { type: 'gauge', intervals: { hour: { step: '1h' } } }).insert('a', 1)
    const strings = createAny(driver, { type: 'gauge', valueType: 'string', intervals: minute })
    const error = await failureOf(() => strings.open(), 'KAIROS_CONFIG_CHANGED')
    expect(error.recorded).toMatchObject({
      schema: '{"version":1,"type":"gauge","valueType":"float"}',
      intervals: { hour: '{"version":1,"step":3600}' },
    })
    expect(error.configured).toMatchObject({ schema: '{"version":1,"type":"gauge","valueType":"string"}' })
    expect(error.message).toContain('{"version":1,"type":"gauge","valueType":"float"}')
    // Another type lives at another place of the same driver.
    await createAny(driver, { type: 'set', valueType: 'string', intervals: minute }).insert('a', 'x')
  })

  it('is taken where it holds nothing that is live, and what was left is gone', async () => {
    const driver = memoryDriver()
    const before = count(driver, { minute: { step: 60, steps: 2 } }, 600)
    await before.insert('a')
    const later = count(driver, { minute: { step: 300, steps: 2 } }, 1_300)
    await later.insert('a', 5)
    expect(await later.series('a', 'minute', { start: 0, end: 1_300 })).toEqual(
      new Map([
        [0, 0],
        [300, 0],
        [600, 0],
        [900, 0],
        [1_200, 5],
      ]),
    )
    expect(await later.expire()).toBe(0)
  })

  it('is refused while the new configuration still spans the time of what is held', async () => {
    const driver = memoryDriver()
    await count(driver, { minute: { step: 60, steps: 2 } }, 600).insert('a')
    await failureOf(() => count(driver, { minute: { step: 300, steps: 4 } }, 1_300).open(), 'KAIROS_CONFIG_CHANGED')
    await failureOf(() => count(driver, { minute: { step: 300 } }, 1_300).open(), 'KAIROS_CONFIG_CHANGED')
    await failureOf(
      () => count(driver, { minute: { step: 300, steps: Number.MAX_SAFE_INTEGER } }, 1_300).open(),
      'KAIROS_CONFIG_CHANGED',
    )
  })

  it('may keep other steps, more intervals or fewer', async () => {
    const driver = memoryDriver()
    await count(driver, { ...minute, hour: { step: '1h' } }).insert('a')
    const other = count(driver, { minute: { step: '60', steps: 5 }, day: { step: 'daily' } })
    await other.insert('a')
    expect(await other.get('a', 'minute')).toEqual(new Map([[0, 2]]))
    expect(await count(driver, { hour: { step: 3_600 } }).get('a', 'hour')).toEqual(new Map([[0, 1]]))
  })

  it('keeps its records after deleteAll, which makes way for others', async () => {
    const driver = memoryDriver()
    const minutes = count(driver, minute)
    await minutes.insert('a')
    await failureOf(() => count(driver, { minute: { step: 300 } }).open(), 'KAIROS_CONFIG_CHANGED')
    await minutes.deleteAll()
    await count(driver, { minute: { step: 300 } }).open()
  })

  it('is not raced by two who change the same record: one wins, the other learns of it', async () => {
    const driver = memoryDriver()
    await count(driver, minute).open()
    let replaced = 0
    // Another process replaces the record just before we do, and writes.
    const raced: StorageDriver = {
      ...driver,
      async open(schema, options) {
        if (options?.replace !== undefined && replaced++ === 0) {
          const winner = count(driver, { minute: { step: 600 } })
          await winner.insert('winner')
        }
        return driver.open(schema, options)
      },
    }
    const error = await failureOf(() => count(raced, { minute: { step: 300 } }).open(), 'KAIROS_CONFIG_CHANGED')
    expect(error.recorded).toEqual({ intervals: { minute: '{"version":1,"step":600}' } })
    expect(await count(driver, { minute: { step: 600 } }).list()).toEqual(['winner'])
  })

  it('looks again a few times when others keep replacing, and takes the last chance', async () => {
    for (const [rivals, opens] of [
      [4, true],
      [5, false],
    ] as const) {
      const driver = memoryDriver()
      await count(driver, minute).open()
      let replaced = 0
      const raced: StorageDriver = {
        ...driver,
        async open(schema, options) {
          if (options?.replace !== undefined && replaced++ < rivals)
            await count(driver, { minute: { step: 600 + replaced } }).open()
          return driver.open(schema, options)
        },
      }
      const opening = count(raced, { minute: { step: 300 } })
      if (opens) await opening.open()
      else await failureOf(() => opening.open(), 'KAIROS_CONFIG_CHANGED')
    }
  })

  it('is refused where a write comes between the look and the replacement, and the write stays', async () => {
    const driver = memoryDriver()
    const old = count(driver, minute)
    await old.open()
    const raced: StorageDriver = {
      ...driver,
      async open(schema, options) {
        if (options?.replace !== undefined) await old.insert('a', 7)
        return driver.open(schema, options)
      },
    }
    await failureOf(() => count(raced, { minute: { step: 300 } }).open(), 'KAIROS_CONFIG_CHANGED')
    const strings = createAny(raced, { type: 'count', intervals: { minute: { step: 300 }, hour: { step: '1h' } } })
    await failureOf(() => strings.open(), 'KAIROS_CONFIG_CHANGED')
    expect(await old.get('a', 'minute')).toEqual(new Map([[0, 14]]))
  })

  it('is judged by the store alone: nothing is asked between the look and the replacement', async () => {
    const memory = memoryDriver()
    await count(memory, minute).insert('a')
    const asked: string[] = []
    const driver: StorageDriver = {
      ...memory,
      async open(schema, options) {
        asked.push('open')
        const { store, records } = await memory.open(schema, options)
        const names: typeof store.names = (...all) => {
          asked.push('names')
          return store.names(...all)
        }
        return { records, store: { ...store, names } }
      },
    }
    await failureOf(() => count(driver, { minute: { step: 300 } }).open(), 'KAIROS_CONFIG_CHANGED')
    expect(asked).toEqual(['open', 'open'])
  })

  it('is replaced by the store, which receives what is live in every recorded interval', async () => {
    const { driver, opened } = watchedDriver()
    await count(driver, { minute: { step: 60 }, hour: { step: '1h', steps: 2 }, gone: { step: 'daily' } }).open()
    await count(driver, { minute: { step: 300, steps: 3 }, hour: { step: '1h', steps: 5 } }, 36_000).open()
    const { options } = opened.at(-1)!
    expect(options).toEqual({
      replace: { intervals: { minute: '{"version":1,"step":60}' } },
      oldestLive: { gone: Number.MIN_SAFE_INTEGER, hour: 6, minute: 590 },
    })
  })

  it.each<[what: string, records: (records: Records) => Records]>([
    [
      'an interval with a key',
      (records) => ({ ...records, intervals: { day: '{"version":1,"step":86400,"zone":"x"}' } }),
    ],
    ['an interval of a version', (records) => ({ ...records, intervals: { day: '{"version":2,"step":86400}' } })],
    ['an interval without a version', (records) => ({ ...records, intervals: { day: '{"step":86400}' } })],
    ['an interval with a step', (records) => ({ ...records, intervals: { day: '{"version":1,"step":"hourly"}' } })],
    [
      'an interval with a resolution',
      (records) => ({ ...records, intervals: { day: '{"version":1,"step":60,"resolution":"x"}' } }),
    ],
    ['a text', (records) => ({ ...records, intervals: { day: 'daily' } })],
    ['a schema with a key', (records) => ({ ...records, schema: '{"version":1,"type":"count","precision":2}' })],
    ['a schema of a version', (records) => ({ ...records, schema: '{"version":2,"type":"count"}' })],
    [
      'under another schema an interval with a key',
      () => ({ schema: '{"version":1,"type":"set"}', intervals: { other: '{"version":1,"step":60,"zone":"x"}' } }),
    ],
  ])('is refused, and never replaced, where it is unknown: %s', async (_what, recorded) => {
    const memory = memoryDriver()
    let replaced = false
    const later: StorageDriver = {
      ...memory,
      async open(schema, options) {
        replaced ||= options?.replace !== undefined
        const { store, records } = await memory.open(schema, options)
        return { store, records: recorded(records) }
      },
    }
    const error = await failureOf(() => count(later, { day: { step: 86_400 } }).open(), 'KAIROS_CONFIG_CHANGED')
    expect(error.message).toContain('does not know')
    expect(replaced).toBe(false)
  })
})

describe('a timeseries whose configuration another process replaced', () => {
  const at = (driver: StorageDriver, intervals: object, valueType = 'float') =>
    createAny(driver, { type: 'gauge', valueType, intervals, now: () => 0 })

  it.each<[what: string, replaced: (driver: StorageDriver) => AnyTimeseries]>([
    ['another step', (driver) => at(driver, { minute: { step: 300 } })],
    ['another valueType', (driver) => at(driver, minute, 'string')],
  ])('%s: is refused in every call, and changes nothing', async (_what, replacing) => {
    const driver = memoryDriver()
    const stale = at(driver, minute)
    await stale.open()
    const fresh = replacing(driver)
    await fresh.open()
    const write = await failureOf(() => stale.insert('x', 5), 'KAIROS_CONFIG_CHANGED')
    expect(write).toMatchObject({
      stored: 0,
      notApplied: [{ name: 'x', interval: 'minute', start: 0 }],
      maybeApplied: [],
    })
    for (const call of [
      () => stale.get('x', 'minute'),
      () => stale.list(),
      () => stale.properties('x'),
      () => stale.delete('x'),
      () => stale.expire(),
      () => stale.open(),
      () => stale.iterate('x', 'minute').next(),
      () => stale.insert('x', 5),
    ])
      await failureOf(call, 'KAIROS_CONFIG_CHANGED')
    expect(await fresh.list()).toEqual([])
  })

  it('is refused for good, also where the old configuration comes back', async () => {
    const driver = memoryDriver()
    const stale = at(driver, minute)
    await stale.open()
    await at(driver, { minute: { step: 300 } }).open()
    await failureOf(() => stale.insert('x', 5), 'KAIROS_CONFIG_CHANGED')
    await at(driver, minute).insert('x', 6)
    await failureOf(() => stale.get('x', 'minute'), 'KAIROS_CONFIG_CHANGED')
  })
})

describe('a driver whose store has not what its capabilities promise is refused by name', () => {
  const none = async () => ({ unexpected: [] })
  for (const [method, capabilities, others] of [
    ['sweep', {}, {}],
    ['replace', {}, {}],
    ['merge', { merges: { count: ['value'] } }, {}],
    ['fetch', { customFetch: true }, { decodeRow: none }],
  ] as const) {
    it(method, async () => {
      const memory = memoryDriver()
      const driver: StorageDriver = {
        ...memory,
        capabilities: { ...memory.capabilities, ...capabilities },
        async open(schema, options) {
          const { store, records } = await memory.open(schema, options)
          return { records, store: { ...store, ...others, [method]: undefined } as never }
        },
      }
      const counts = createAny(driver, { type: 'count', intervals: minute, now: () => 0 })
      const error = await failureOf(() => counts.open(), 'KAIROS_INVALID_CONFIG')
      expect(error).toMatchObject({ path: method, driver: 'memory' })
      expect(error.message).toContain(`${method} of the memory driver's store must be a function, not undefined`)
    })
  }
})
