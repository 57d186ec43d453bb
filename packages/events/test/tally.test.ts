import { createTimeseries, memoryDriver } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { createEventStore, tally } from '../src/index.ts'
import { drivers } from './support/stores.ts'

const DAY = 1_700_000_000

describe.each(drivers)('a tally of events on %s', (_name, create) => {
  const driver = create()
  const events = createEventStore(driver)
  const hits = createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60 } }, now: () => DAY + 3_600 })
  const visit = (n: number) => ({ '@time': DAY + n * 10, page: n % 3 === 0 ? '/home' : '/about', n })

  it('counts each event where it belongs, and goes on where it stopped', async () => {
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
    expect(none).toEqual({ events: 0, stored: 0, expired: 0, cursor: null })
  })

  it('makes several points of an event, or none, at times of its own', async () => {
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

  it('ends at the first write that fails; what was told before stands', async () => {
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
})
