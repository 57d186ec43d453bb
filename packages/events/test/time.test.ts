import { KairosError } from '@kairos/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dateOf, isoOf, secondsOf, ticksOf } from '../src/index.ts'

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
    const difference = ticksOf(time) - ticks
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
  ])('of %s there are none', (time) => {
    expect(() => ticksOf(time as never)).toThrow(KairosError)
  })

  it.each([10n ** 30n, -(10n ** 30n), 2_534_023_008_000_000_000n, -621_672_192_000_000_001n, 5, null])(
    'of %s there is no text',
    (ticks) => {
      expect(() => isoOf(ticks as never)).toThrow(expect.objectContaining({ code: 'KAIROS_INVALID_VALUE' }))
    },
  )

  it('go to ISO text and back without loss', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 18n }), (ticks) => {
        expect(ticksOf(isoOf(ticks))).toBe(ticks)
        const inside = ticks - BigInt(dateOf(ticks).getTime()) * 10_000n
        expect(inside >= 0n && inside < 10_000n).toBe(true)
        expect(BigInt(secondsOf(ticks)) * 10_000_000n <= ticks).toBe(true)
      }),
    )
    expect(isoOf(17_953_079_475_320_121n)).toBe('2026-11-22T00:39:07.5320121Z')
    for (const end of [2_534_023_007_999_999_999n, -621_672_192_000_000_000n]) expect(ticksOf(isoOf(end))).toBe(end)
    expect(isoOf(-1n)).toBe('1969-12-31T23:59:59.9999999Z')
  })
})
