import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createKeys,
  EARLIEST,
  firstKeyAt,
  idOfKey,
  keyBeside,
  keyOfId,
  LATEST,
  lastKeyAt,
  timeOfKey,
} from '../../src/event/keys.ts'

const times = fc.bigInt({ min: EARLIEST, max: LATEST })

describe('ids', () => {
  it('say the time that the original says, with the smallest and the largest tail', () => {
    const smallest = keyOfId('13814000-1dd2-11b2-8000-000000000000')!
    expect(timeOfKey(smallest)).toBe(0n)
    expect(timeOfKey(keyOfId('13814001-1DD2-11B2-8FFF-FFFFFFFFFFFF')!)).toBe(1n)
    expect(idOfKey(smallest)).toBe('13814000-1dd2-11b2-8000-000000000000')
  })

  it('and keys are two spellings of one thing, whose texts sort by time', () => {
    const newKey = createKeys()
    fc.assert(
      fc.property(times, times, (a, b) => {
        const [keyA, keyB] = [newKey(a), newKey(b)]
        expect(keyOfId(idOfKey(keyA))).toBe(keyA)
        expect(timeOfKey(keyA)).toBe(a)
        if (a !== b) expect(keyA < keyB).toBe(a < b)
        expect(firstKeyAt(a) < keyA && keyA < lastKeyAt(a)).toBe(true)
      }),
    )
  })

  it('of one time are different, and in the order in which they were made', () => {
    const newKey = createKeys()
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
  ])('%j is none', (text) => {
    expect(keyOfId(text)).toBeNull()
  })

  it('of times that no id can say are bounded by the nearest', () => {
    expect(firstKeyAt(EARLIEST - 1n)).toBe(firstKeyAt(EARLIEST))
    expect(lastKeyAt(LATEST + 1n)).toBe(lastKeyAt(LATEST))
    expect(lastKeyAt(EARLIEST - 1n) < firstKeyAt(EARLIEST)).toBe(true)
    expect(firstKeyAt(LATEST + 1n) > lastKeyAt(LATEST)).toBe(true)
  })

  it('have neighbours, across every digit', () => {
    expect(keyBeside(`1${'0'.repeat(14)}0${'f'.repeat(16)}`, 1n)).toBe(`1${'0'.repeat(14)}1${'0'.repeat(16)}`)
    expect(keyBeside('0'.repeat(32), -1n)).toBe('f'.repeat(32))
  })
})
