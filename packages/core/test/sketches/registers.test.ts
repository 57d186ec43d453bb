import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { areRegisters, countOf } from '../../src/sketches/register-bytes.ts'
import { entryOf, Registers } from '../../src/sketches/registers.ts'

const long = process.env.KAIROS_TEST_SIZE === 'long'

function seen(precision: number, values: Iterable<string | number>): Registers {
  const registers = new Registers(precision)
  for (const value of values) registers.add(entryOf(value, precision))
  return registers
}

function* upTo(count: number, from = 0): Generator<number> {
  for (let value = from; value < from + count; value++) yield value
}

describe('registers', () => {
  it('are written sparse, ascending, and dense as soon as that is shorter', () => {
    const one = seen(12, ['a'])
    // The hash of "a" is 084ef94421a1186e: register 0x084, then 1110…
    expect([...one.bytes]).toEqual([1, 12, 0x00, 0x84, 1])
    const sizes = new Map<number, number>()
    const registers = new Registers(8)
    for (const value of upTo(2_000)) {
      registers.add(entryOf(value, 8))
      const { bytes, mostLength } = registers
      sizes.set(bytes[0]!, bytes.length)
      expect(bytes.length).toBe(mostLength)
    }
    expect(sizes).toEqual(
      new Map([
        [1, 2 + 85 * 3],
        [2, 2 + 256],
      ]),
    )
  })

  it('count the zeros after the index across both halves of the hash', () => {
    // Found by search: its hash begins with 16 bits of an index and then many zeros.
    const registers = new Registers(16)
    registers.merge(new Uint8Array([1, 16, 0xff, 0xff, 49]))
    expect([...registers.bytes]).toEqual([1, 16, 0xff, 0xff, 49])
    expect(countOf(registers.bytes)).toBe(1)
  })

  it('merge into what all values together give, in any order and in any form', () => {
    const values = fc.array(fc.nat(400), { maxLength: 300 })
    fc.assert(
      fc.property(fc.constantFrom(8, 12, 16), values, values, (precision, one, other) => {
        const [left, right] = [seen(precision, one), seen(precision, other)]
        const both = seen(precision, [...one, ...other]).bytes
        expect(Registers.of(left.bytes).merge(right.bytes).bytes).toEqual(both)
        expect(Registers.of(right.bytes).merge(left.bytes).bytes).toEqual(both)
        expect(Registers.of(both).merge(left.bytes).bytes).toEqual(both)
        expect(both.length === 2 || areRegisters(both, precision)).toBe(true)
      }),
      { numRuns: long ? 2_000 : 60 },
    )
  })

  it.each([8, 10, 12, 14, 16])('of precision %i estimate within three standard errors', (precision) => {
    const error = 1.04 / Math.sqrt(2 ** precision)
    const registers = new Registers(precision)
    let next = 0
    for (const count of [1, 10, 100, 1_000, 10_000, 100_000, ...(long ? [1_000_000, 10_000_000] : [])]) {
      for (const value of upTo(count - next, next)) registers.add(entryOf(`visitor ${value}`, precision))
      next = count
      expect(Math.abs(countOf(registers.bytes) / count - 1)).toBeLessThanOrEqual(3 * error)
    }
  })

  it('have the standard error that is promised, and no bias', () => {
    for (const count of [20, 300, 3_000, 20_000]) {
      const errors = Array.from(
        { length: long ? 500 : 40 },
        (_, run) => countOf(seen(8, upTo(count, run * 1e6)).bytes) / count - 1,
      )
      const bias = errors.reduce((sum, error) => sum + error, 0) / errors.length
      const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)
      const promised = 1.04 / 16
      // The estimate is a whole number: of few values, rounding moves its mean by up to half a value.
      expect(Math.abs(bias)).toBeLessThan((3 * promised) / Math.sqrt(errors.length) + 0.5 / count)
      expect(deviation).toBeLessThan(promised * 1.35)
    }
  })

  it('count nothing as 0 and few as they are', () => {
    expect(countOf(new Registers(12).bytes)).toBe(0)
    for (const count of [1, 2, 3, 5, 10]) expect(countOf(seen(12, upTo(count)).bytes)).toBe(count)
  })

  it.each<[string, number[]]>([
    ['none', [1, 12]],
    ['another precision', [1, 11, 0, 1, 1]],
    ['another form', [3, 12, 0, 1, 1]],
    ['a part of an entry', [1, 12, 0, 1]],
    ['an index twice', [1, 12, 0, 1, 1, 0, 1, 2]],
    ['descending indexes', [1, 12, 0, 2, 1, 0, 1, 1]],
    ['an index that is too large', [1, 12, 0x10, 0, 1]],
    ['a rank of 0', [1, 12, 0, 1, 0]],
    ['a rank that no hash gives', [1, 12, 0, 1, 54]],
    ['a dense form that should be sparse', [2, 12, 1, ...new Array<number>(4_095).fill(0)]],
    [
      'a sparse form that should be dense',
      [1, 12, ...Array.from({ length: 1_366 }, (_, index) => [index >> 8, index & 255, 1]).flat()],
    ],
    ['a dense form of another length', [2, 12, ...new Array<number>(4_095).fill(1)]],
  ])('are not %s', (_, bytes) => {
    expect(areRegisters(new Uint8Array(bytes), 12)).toBe(false)
  })
})
