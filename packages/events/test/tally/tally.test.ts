import { createTimeseries, memoryDriver } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { createEventStore, newId, type TallyOptions, type TallyResult, tally, toIso, toTicks } from '../../src/index.ts'
import { drivers } from '../support/stores.ts'

const DAY = 1_700_000_000

describe.each(drivers)('a tally of events on %s', (_name, create) => {
  const driver = create()
  const events = createEventStore(driver)
  const hits = createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60 } }, now: () => DAY + 3_600 })
  const visit = (n: number) => ({ '@time': DAY + n * 10, page: n % 3 === 0 ? '/home' : '/about', n })

  it('counts each event in its bucket, and continues where it stopped', async () => {
    await events.put(
      'visits',
      Array.from({ length: 30 }, (_, n) => visit(n)),
    )
    const first = await tally(events.get('visits'), hits, (event) => ({ name: String(event.page) }))
    expect(first).toMatchObject({ events: 30, stored: 30, expired: 0 })
    await events.put(
      'visits',
      Array.from({ length: 30 }, (_, n) => visit(n + 30)),
    )
    const cursors: string[] = []
    const second = await tally(
      events.get('visits', { after: first.cursor! }),
      hits,
      (event) => ({ name: String(event.page) }),
      {
        batch: 20,
        onProgress: (cursor) => {
          cursors.push(cursor)
        },
      },
    )
    expect(second).toMatchObject({ events: 30, stored: 30 })
    expect(cursors).toHaveLength(2)
    expect(cursors[1]).toBe(second.cursor)
    const options = { start: DAY, end: DAY + 600, collapse: true } as const
    const sums = await Promise.all(
      ['/home', '/about'].map(async (page) => [...(await hits.series(page, 'minute', options)).values()]),
    )
    expect(sums).toEqual([[20], [40]])
    const none = await tally(events.get('visits', { after: second.cursor! }), hits, () => null)
    expect(none).toMatchObject({ events: 0, stored: 0, expired: 0, cursor: second.cursor, waiting: false })
  })

  it('makes several points of an event, or none, with timestamps of their own', async () => {
    await events.put('orders', [
      { '@time': DAY, lines: ['tea', 'milk'] },
      { '@time': DAY, lines: [] },
      { '@time': DAY },
    ])
    const sold = createTimeseries(memoryDriver(), {
      type: 'gauge',
      intervals: { hour: { step: 3_600 } },
      now: () => DAY,
    })
    const result = await tally(events.get('orders'), sold, ({ lines }) =>
      Array.isArray(lines)
        ? lines.map((line) => ({ name: String(line), value: 1, timestamp: DAY - 3_600 }))
        : undefined,
    )
    expect(result).toMatchObject({ events: 3, stored: 2 })
    expect(await sold.list()).toEqual(expect.arrayContaining(['tea', 'milk']))
  })

  it('stops at the first write that fails; what it reported before stays counted', async () => {
    await events.put(
      'wrong',
      Array.from({ length: 5 }, (_, n) => ({ '@time': BigInt(n), n })),
    )
    const cursors: string[] = []
    const broken = tally(
      events.get('wrong'),
      hits,
      ({ n }) => ({ name: n === 3 ? ('' as never) : 'x', value: n === 3 ? ('three' as never) : 1 }),
      {
        batch: 2,
        onProgress: (cursor) => {
          cursors.push(cursor)
        },
      },
    )
    await expect(broken).rejects.toMatchObject({ code: 'KAIROS_INVALID_VALUE' })
    expect(cursors).toHaveLength(1)
  })

  describe('of late events', () => {
    /** A stream for one test, at a time that the test sets. */
    function at(name: string, seconds: number) {
      const clock = { seconds }
      const store = createEventStore(driver, { now: () => BigInt(clock.seconds * 1_000) * 10_000n })
      const series = createTimeseries(memoryDriver(), {
        type: 'count',
        intervals: { all: { step: 86_400 } },
        now: () => DAY,
      })
      let previous: TallyResult | undefined
      return {
        clock,
        store,
        put: (...times: readonly number[]) =>
          store.put(
            name,
            times.map((time) => ({ '@time': BigInt(Math.round(time * 1_000)) * 10_000n })),
          ),
        async go(options: TallyOptions = {}) {
          const read = store.get(name, { after: previous?.cursor })
          previous = await tally(read, series, () => ({ name: 'x' }), { previous, ...options })
          // As a program keeps it between runs.
          previous = JSON.parse(JSON.stringify(previous)) as TallyResult
          return previous
        },
        counted: async () =>
          [
            ...(await series.series('x', 'all', { start: DAY - 86_400, end: DAY + 86_400, collapse: true })).values(),
          ][0],
      }
    }

    it('leaves young events to the next tally, so that those in transit are counted', async () => {
      const { clock, put, go, counted } = at('settle', DAY)
      await put(DAY - 31, DAY - 30, DAY - 29.999, DAY)
      expect(await go()).toMatchObject({ events: 2, waiting: true, settled: toIso(toTicks(DAY - 30)) })
      await put(DAY - 0.005, DAY - 29)
      clock.seconds += 60
      expect(await go()).toMatchObject({ events: 4, waiting: false, late: 0 })
      expect(await counted()).toBe(6)
      expect(await go()).toMatchObject({ events: 0, late: 0 })
    })

    it('reports how many were late, once', async () => {
      const { clock, put, go, counted } = at('late', DAY)
      await put(DAY - 100, DAY - 50)
      expect(await go()).toMatchObject({ events: 2, late: null, count: 2 })
      await put(DAY - 60, DAY - 50.001)
      clock.seconds += 60
      await put(DAY)
      expect(await go()).toMatchObject({ events: 1, late: 2, count: 5 })
      expect(await go()).toMatchObject({ events: 0, late: 0 })
      await put(DAY - 3_500)
      expect(await go()).toMatchObject({ events: 0, late: 1 })
      expect(await go()).toMatchObject({ events: 0, late: 0 })
      expect(await counted()).toBe(3)
    })

    it('looks for them only within its watch', async () => {
      const { put, go } = at('watch', DAY)
      await put(DAY - 100)
      expect(await go({ watch: 10 })).toMatchObject({ late: null, since: toIso(toTicks(DAY - 40)), count: 0 })
      await put(DAY - 105, DAY - 200)
      expect(await go({ watch: 10 })).toMatchObject({ late: 0, count: 2 })
      await put(DAY - 104, DAY - 201)
      expect(await go({ watch: 0 })).toMatchObject({ late: null, since: null, count: null })
    })

    it('reports them in onProgress too', async () => {
      const { put, go, store } = at('progress', DAY)
      await put(DAY - 60, DAY - 59, DAY - 58)
      const told: TallyResult[] = []
      await go({ batch: 2, onProgress: (_cursor, progress) => void told.push(progress) })
      expect(told.map(({ events, count }) => [events, count])).toEqual([
        [2, 2],
        [3, 3],
      ])
      // A process that died after the first write continues after it.
      const { cursor } = told[0]!
      await put(DAY - 59.5)
      const again = await tally(store.get('progress', { after: cursor }), hits, () => null, { previous: told[0] })
      expect(again).toMatchObject({ events: 1, late: 1, count: 4 })
    })

    it('begins at the start of the read', async () => {
      const { put, store } = at('start', DAY)
      await put(DAY - 100, DAY - 50)
      const read = (after?: string | null) => store.get('start', { start: DAY - 60, after })
      const first = await tally(read(), hits, () => null)
      await put(DAY - 99)
      const second = await tally(read(first.cursor), hits, () => null, { previous: first })
      expect(second).toMatchObject({ late: 0, count: 1 })
      await put(DAY - 55)
      expect(await tally(read(second.cursor), hits, () => null, { previous: second })).toMatchObject({ late: 1 })
    })
  })

  it('accepts events from elsewhere, of which it knows less', async () => {
    async function* elsewhere(now: number) {
      for (const seconds of [DAY, now, DAY + 1])
        yield { '@id': newId(seconds), '@time': toTicks(seconds), page: '/elsewhere' }
    }
    const result = await tally(elsewhere(Math.floor(Date.now() / 1_000)), hits, ({ page }) => ({ name: page }))
    expect(result).toMatchObject({ events: 2, stored: 2, waiting: true, late: null, since: null, count: null })
  })

  it.each<[unknown]>([
    [{ settle: -1 }],
    [{ settle: '5' }],
    [{ settle: Number.NaN }],
    [{ watch: -1 }],
    [{ previous: 'x' }],
    [{ previous: { cursor: null, since: 5, count: null } }],
    [{ previous: { cursor: null, since: null, count: -1 } }],
    [{ batch: 0 }],
    [{ onProgress: 5 }],
    [{ sttle: 5 }],
  ])('refuses %o', async (options) => {
    await expect(tally(events.get('visits'), hits, () => null, options as never)).rejects.toMatchObject({
      code: 'KAIROS_INVALID_CONFIG',
    })
  })

  it('refuses another previous tally, what no get returned, and events in descending order', async () => {
    const previous = await tally(events.get('visits'), hits, () => null)
    const refused = { code: 'KAIROS_INVALID_CONFIG' }
    await expect(tally(events.get('visits'), hits, () => null, { previous })).rejects.toMatchObject(refused)
    for (const nothing of [null, [], {}]) {
      await expect(tally(nothing as never, hits, () => null)).rejects.toMatchObject(refused)
    }
    const descending = events.get('visits', { order: 'descending' })
    await expect(tally(descending, hits, () => null)).rejects.toMatchObject(refused)
  })
})
