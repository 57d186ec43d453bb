import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createKeyMaker,
  EARLIEST_TIME,
  firstKeyAt,
  idToKey,
  keyAfter,
  keyBefore,
  keyToId,
  keyToTime,
  LATEST_TIME,
  lastKeyAt,
} from '../../src/event/keys.ts'

const times = fc.bigInt({ min: EARLIEST_TIME, max: LATEST_TIME })

describe('ids', () => {
  it('have the same time as in the original, with the smallest and the largest tail', () => {
    const smallest = idToKey('13814000-1dd2-11b2-8000-000000000000')!
    expect(keyToTime(smallest)).toBe(0n)
    expect(keyToTime(idToKey('13814001-1DD2-11B2-8FFF-FFFFFFFFFFFF')!)).toBe(1n)
    expect(keyToId(smallest)).toBe('13814000-1dd2-11b2-8000-000000000000')
  })

  it('and keys convert both ways, and keys sort by time', () => {
    const newKey = createKeyMaker()
    fc.assert(
      fc.property(times, times, (a, b) => {
        const [keyA, keyB] = [newKey(a), newKey(b)]
        expect(idToKey(keyToId(keyA))).toBe(keyA)
        expect(keyToTime(keyA)).toBe(a)
        if (a !== b) expect(keyA < keyB).toBe(a < b)
        expect(firstKeyAt(a) < keyA && keyA < lastKeyAt(a)).toBe(true)
      }),
    )
  })

  it('of one time are distinct, and in the order in which they were made', () => {
    const newKey = createKeyMaker()
    const keys = Array.from({ length: 10_000 }, () => newKey(17_953_103_475_320_121n))
    expect(new Set(keys).size).toBe(keys.length)
    expect([...keys].sort()).toEqual(keys)
  })

  it.each([
    'my-own-id',
    '',
    '13814000-1dd2-41b2-8000-000000000000',
    '13814000-1dd2-11b2-c000-000000000000',
    '13814000-1dd2-11b2-8000-000000000000 ',
    '{13814000-1dd2-11b2-8000-000000000000}',
  ])('refuses %j', (text) => {
    expect(idToKey(text)).toBeNull()
  })

  it('outside the possible times are bounded by the nearest one', () => {
    expect(firstKeyAt(EARLIEST_TIME - 1n)).toBe(firstKeyAt(EARLIEST_TIME))
    expect(lastKeyAt(LATEST_TIME + 1n)).toBe(lastKeyAt(LATEST_TIME))
    expect(lastKeyAt(EARLIEST_TIME - 1n) < firstKeyAt(EARLIEST_TIME)).toBe(true)
    expect(firstKeyAt(LATEST_TIME + 1n) > lastKeyAt(LATEST_TIME)).toBe(true)
  })

  it('have neighbouring keys, with a carry across all digits', () => {
    expect(keyAfter(`1${'0'.repeat(14)}0${'f'.repeat(16)}`)).toBe(`1${'0'.repeat(14)}1${'0'.repeat(16)}`)
    expect(keyBefore('0'.repeat(32))).toBe('f'.repeat(32))
  })
})
