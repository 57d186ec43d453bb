import fc from 'fast-check'
import { expect, it } from 'vitest'
import { canonicalDecimal, compareDecimals } from '../../src/values/decimal.ts'

const PLACES = 12

/** A decimal as a whole number of its smallest places: exact arithmetic to compare with. */
const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.nat({ max: 3 }), fc.boolean())
  .map(([scaled, zeros, plus]) => {
    const digits = `${scaled < 0n ? -scaled : scaled}`.padStart(PLACES + 1, '0')
    const sign = scaled < 0n ? '-' : plus ? '+' : ''
    const text = `${sign}${'0'.repeat(zeros)}${digits.slice(0, -PLACES)}.${digits.slice(-PLACES)}${'0'.repeat(zeros)}`
    return { scaled, text }
  })

it('equal decimals have one canonical form, which is canonical itself', () => {
  fc.assert(
    fc.property(decimals, decimals, (a, b) => {
      const [left, right] = [canonicalDecimal(a.text)!, canonicalDecimal(b.text)!]
      expect(left === right).toBe(a.scaled === b.scaled)
      expect(canonicalDecimal(left)).toBe(left)
    }),
  )
})

it('decimals compare as numbers', () => {
  fc.assert(
    fc.property(decimals, decimals, (a, b) => {
      const order = Math.sign(compareDecimals(canonicalDecimal(a.text)!, canonicalDecimal(b.text)!))
      expect(order).toBe(a.scaled < b.scaled ? -1 : a.scaled > b.scaled ? 1 : 0)
    }),
  )
})
