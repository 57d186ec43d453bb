import type { ValueType } from '@kairos/core'
import type { Scalar } from '@kairos/core/driver'
import { Decimal128 } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { scalarCodec } from '../src/values/codecs.ts'
import { plainDecimal } from '../src/values/decimal.ts'

const keyed: Readonly<Record<string, readonly Scalar[]>> = {
  float: [0, 1, -1, 0.5, 1e21, 1e-7, -1.5e300, 5e-324],
  int: [0, -1, Number.MAX_SAFE_INTEGER],
  int64: [0n, -(2n ** 63n), 2n ** 63n - 1n],
  decimal: ['0', '-1.5', '0.0000001', '9'.repeat(34)],
  boolean: [true, false],
  date: ['0001-01-01', '2024-02-29'],
  time: ['00:00:00', '23:59:59.999999'],
  inet: ['1.2.3.4', '::ffff:1.2.3.4', '2001:db8::1'],
  string: ['', '.', '$', '$inc', 'a.b', ',', 'a,b', '\0', 'a\0b', '\uffff', '\uffffd', '__proto__', '_id', '🙂', '1.5'],
}

describe('scalars', () => {
  for (const [valueType, scalars] of Object.entries(keyed)) {
    it(`of ${valueType} are field names that MongoDB accepts, all different, and come back`, () => {
      const codec = scalarCodec(valueType as ValueType, { Decimal128 })
      const fields = scalars.map(codec.toField)
      expect(fields.map(codec.fromField)).toEqual(scalars)
      expect(new Set(fields).size).toBe(scalars.length)
      for (const field of fields) expect(field).toMatch(/^[^.$\0]+$/)
    })
  }

  it('are decimals without an exponent, whatever Decimal128 turns them into', () => {
    for (const text of [
      '0',
      '1',
      '100',
      '1.5',
      '0.0000001',
      '-0.00000012',
      '1000000',
      `0.${'0'.repeat(99)}1`,
      '9'.repeat(34),
    ])
      expect(plainDecimal(Decimal128.fromString(text).toString())).toBe(text)
    expect(['1E+3', '1.50', '-0', '0E-10', '-1.20E-7', '12.5E+1', '0E+5'].map(plainDecimal)).toEqual([
      ...['1000', '1.5', '0', '0', '-0.00000012', '125', '0'],
    ])
  })
})
