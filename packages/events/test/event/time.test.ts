import { KairosError } from '@kairos/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EARLIEST_TIME, idToKey, LATEST_TIME } from '../../src/event/keys.ts'
import { createEventClient, createEventStore, newId, toDate, toIso, toSeconds, toTicks } from '../../src/index.ts'

describe('ticks', () => {
  it.each([
    [0n, 0n],
    [1.5, 15_000_000n],
    [-0.5, -5_000_000n],
    [1_795_310_347.532_012, 17_953_103_475_320_120n],
    [new Date(1_795_310_347_532), 17_953_103_475_320_000n],
    [new Date(-1), -10_000n],
    ['1970-01-01', 0n],
    ['2026-11-22T00:39:07.5320121Z', 17_953_079_475_320_121n],
    ['2026-11-22 00:39', 17_953_079_400_000_000n],
    ['2026-11-22T02:39:07+02:00', 17_953_079_470_000_000n],
    ['2026-11-21T22:09:07-0230', 17_953_079_470_000_000n],
    ['1969-12-31T23:59:59.9999999', -1n],
  ])('of %s', (time, ticks) => {
    const difference = toTicks(time) - ticks
    // A double of today's seconds has no more than 22 bits for the fraction.
    expect(typeof time === 'number' ? difference >= -2n && difference <= 2n : difference === 0n).toBe(true)
  })

  it.each([
    'yesterday',
    '2024-02-30',
    '2024-13-01',
    '2024-01-01T25:00:00Z',
    '2024-01-01T00:00:00.12345678Z',
    '2024-01-01T00:00:00+99:00',
    '',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    new Date(Number.NaN),
    null,
    {},
  ])('refuses %s', (time) => {
    expect(() => toTicks(time as never)).toThrow(KairosError)
  })

  it.each([10n ** 30n, -(10n ** 30n), 2_534_023_008_000_000_000n, -621_672_192_000_000_001n, 5, null])(
    '%s has no ISO text',
    (ticks) => {
      expect(() => toIso(ticks as never)).toThrow(expect.objectContaining({ code: 'KAIROS_INVALID_VALUE' }))
    },
  )

  it('go to ISO text and back without loss', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 18n }), (ticks) => {
        expect(toTicks(toIso(ticks))).toBe(ticks)
        const inside = ticks - BigInt(toDate(ticks).getTime()) * 10_000n
        expect(inside >= 0n && inside < 10_000n).toBe(true)
        expect(BigInt(toSeconds(ticks)) * 10_000_000n <= ticks).toBe(true)
      }),
    )
    expect(toIso(17_953_079_475_320_121n)).toBe('2026-11-22T00:39:07.5320121Z')
    for (const end of [2_534_023_007_999_999_999n, -621_672_192_000_000_000n]) expect(toTicks(toIso(end))).toBe(end)
    expect(toIso(-1n)).toBe('1969-12-31T23:59:59.9999999Z')
  })
})

describe('a time outside of what an event can have', async () => {
  const store = createEventStore('memory:')
  const client = createEventClient('http://127.0.0.1:1', { patience: 0 })
  await store.put('s', [{ n: 1 }, { n: 2 }])
  const milliseconds = Date.now()

  it.each([
    ['milliseconds', milliseconds],
    ['negative milliseconds', -milliseconds],
    ['a tick too late', LATEST_TIME + 1n],
    ['a tick too early', EARLIEST_TIME - 1n],
    ['the year 9999', '9999-12-31'],
    ['the year 1500', '1500-01-01'],
    ['the last Date', new Date(8.64e15)],
    ['no number', Number.NaN],
  ])('is refused as a bound: %s', async (_what, time) => {
    for (const bound of ['start', 'end'] as const) {
      const refused = { code: 'KAIROS_INVALID_VALUE' }
      for (const { get, delete: remove } of [store, client]) {
        await expect(remove('s', { [bound]: time })).rejects.toMatchObject(refused)
        await expect(remove('s', { [bound]: time, dryRun: true })).rejects.toMatchObject(refused)
        await expect(get('s', { [bound]: time }).next()).rejects.toMatchObject(refused)
      }
      await expect(store.page('s', { [bound]: time })).rejects.toMatchObject(refused)
    }
    expect((await store.page('s')).events).toHaveLength(2)
  })

  it('is named in the error, with a remedy for milliseconds', async () => {
    await expect(store.delete('s', { end: milliseconds })).rejects.toMatchObject({
      path: 'end',
      value: milliseconds,
      message: expect.stringMatching(
        /^end must be a time .*, not \d+; a number counts seconds: pass milliseconds as a Date$/,
      ),
    })
    await expect(store.put('s', { '@time': milliseconds })).rejects.toMatchObject({
      message: expect.stringContaining('pass milliseconds as a Date'),
    })
  })

  it.each([LATEST_TIME, EARLIEST_TIME, '2024-01-01', 0, new Date(0)])('%s is valid', async (time) => {
    await store.delete('s', { start: time, end: time })
  })

  it.each([() => Date.now(), () => 5, () => LATEST_TIME + 1n, () => '2024'])(
    'is refused from a clock: %s',
    async (now) => {
      const wrong = createEventStore('memory:', { now: now as never, retention: { '': { age: 60 } } })
      const refused = { code: 'KAIROS_INVALID_CONFIG', path: 'now' }
      await expect(wrong.put('s', {})).rejects.toMatchObject(refused)
      await expect(wrong.page('s')).rejects.toMatchObject(refused)
      expect(() => createEventClient('http://x', { now: now as never }).enqueue('s', {})).toThrow(
        expect.objectContaining(refused),
      )
    },
  )

  it.each([5, null, '5'])('refuses %s as ticks', (ticks) => {
    for (const convert of [toDate, toSeconds])
      expect(() => convert(ticks as never)).toThrow(expect.objectContaining({ code: 'KAIROS_INVALID_VALUE' }))
  })
})

describe('newId', () => {
  it('makes an id before the event is put', async () => {
    const store = createEventStore('memory:')
    const event = { '@id': newId(new Date(5)), n: 1 }
    expect(await store.put('s', event)).toMatchObject({ inserted: 1, ids: [event['@id']] })
    expect(await store.put('s', event)).toMatchObject({ inserted: 0, duplicates: 1 })
    expect((await store.page('s')).events).toMatchObject([{ '@time': 50_000n }])
  })

  it('makes ids in order, and refuses times that no event can have', () => {
    const ids = Array.from({ length: 100 }, () => idToKey(newId(7n))!)
    expect([...ids].sort()).toEqual(ids)
    expect(new Set(ids).size).toBe(100)
    expect(() => newId(Date.now())).toThrow(expect.objectContaining({ code: 'KAIROS_INVALID_VALUE' }))
  })
})
