import { describe, expect, it } from 'vitest'
import { windowingOf, windowName } from '../src/registry/windows.ts'
import { compactionOf } from '../src/schema/compaction.ts'
import { ttlOf } from '../src/values/expiry.ts'

describe('windows', () => {
  it('hold at most 1,024 cells, whatever the resolution', () => {
    for (const fanOut of [1, 24, 60, 366, 1_000, 1_024]) {
      const windowing = windowingOf({ fanOut })
      const buckets = windowing.lastBucket(7) - windowing.lastBucket(6)
      expect(buckets * fanOut).toBeLessThanOrEqual(1_024)
      expect(windowing.of(windowing.lastBucket(7), 0)).toEqual({ win: 7, sub: 0, part: 0 })
      expect(windowing.of(windowing.lastBucket(7) + 1, 0)).toEqual({ win: 8, sub: 0, part: 0 })
    }
  })

  it('split a year of seconds into pieces of 1,024', () => {
    const windowing = windowingOf({ fanOut: 31_622_400 })
    expect(windowing.divided).toBe(true)
    const first = 1_704_067_200
    const windows = new Set(Array.from({ length: 3_600 }, (_, second) => windowing.of(2024, first + second).sub))
    // An hour of seconds.
    expect(windows.size).toBe(4)
    expect(windowing.range({ first: 2020, last: 2024 })).toEqual({ first: 2020, last: 2024 })
  })

  it('are in order before 1970, too', () => {
    const windowing = windowingOf({ fanOut: 1 })
    expect([-1_025, -1_024, -1, 0].map((bucket) => windowing.of(bucket, 0).win)).toEqual([-2, -1, -1, 0])
  })

  it('are named after their interval and numbers, each differently, whatever the intervals are called', () => {
    expect(windowName('minute', { win: 29_224, sub: 0, part: 0 })).toBe('minute 29224')
    expect(windowName('second', { win: 2_026, sub: 3, part: 1 })).toBe('second 2026.3.1')
    const intervals = ['a', 'a 1', 'a 1.0.1', 'a 1.0.1 ', '', ' ', ' 1', '-1']
    const numbers = [-1, 0, 1, 11]
    const names = intervals.flatMap((interval) =>
      numbers.flatMap((win) => [0, 1].flatMap((sub) => [0, 1].map((part) => windowName(interval, { win, sub, part })))),
    )
    expect(new Set(names).size).toBe(intervals.length * numbers.length * 4)
  })
})

describe('a TTL', () => {
  it('never ends early, and is 0 if Cassandra cannot represent the moment', () => {
    expect(ttlOf(100, 90_001)).toBe(10)
    expect(ttlOf(100, 200_000)).toBe(1)
    expect(ttlOf(null, 0)).toBe(0)
    expect(ttlOf(0x7fff_ffff, 1.7e12)).toBe(0)
    expect(ttlOf(1_700_000_000, 1e12)).toBe(0)
  })
})

describe('compaction', () => {
  const schema = (...retentions: ((bucket: number) => number | null)[]) => ({
    type: 'count' as const,
    valueType: 'float',
    record: '',
    facts: '',
    intervals: Object.fromEntries(
      retentions.map((expiresAt, index) => [
        String(index),
        {
          record: '',
          facts: '',
          hasResolution: false,
          fanOut: 1,
          resolutionRange: () => ({ first: 0, last: 0 }),
          expiresAt,
        },
      ]),
    ),
  })
  const minutes = (steps: number) => (bucket: number) => (bucket + steps) * 60

  it('is by time window, a thirtieth of the longest retention, if all intervals expire at a similar age', () => {
    expect(compactionOf(schema(minutes(30 * 1_440), minutes(10 * 1_440)))).toMatchObject({
      class: 'TimeWindowCompactionStrategy',
      compaction_window_unit: 'HOURS',
      compaction_window_size: '24',
    })
  })

  it("is the server's default if an interval never expires, or much earlier than the rest", () => {
    expect(compactionOf(schema(minutes(1_440), () => null))).toBeUndefined()
    expect(compactionOf(schema(minutes(60), minutes(1_440)))).toBeUndefined()
  })
})
