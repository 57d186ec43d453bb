import type { MongoModule } from '../connection/client.ts'
import { Damaged } from './damaged.ts'
import { commaFields, isBson, type ScalarCodec } from './scalar-codec.ts'

/** Stores decimals as Decimal128; as the name of a field, as core writes them. */
export function decimalCodec(Decimal128: MongoModule['Decimal128']): ScalarCodec {
  return {
    ...commaFields,
    toValue: (scalar) => Decimal128.fromString(scalar as string),
    fromValue(value) {
      const text = String(value)
      // Not a number and infinity have no digits.
      if (!isBson(value, ['Decimal128']) || !/\d/.test(text)) throw new Damaged('a value', 'a finite Decimal128', value)
      return plainDecimal(text)
    },
  }
}

/**
 * Turns the text of a Decimal128 into core's canonical one: `1E-7` is `0.0000001`, `1.50` is `1.5`, `-0` is `0`.
 * Decimal128 keeps trailing zeros, and uses an exponent after more than six leading zeros.
 */
export function plainDecimal(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/.exec(text)
  if (match === null) return text
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const point = whole.length + Number(exponent)
  const digits = whole + fraction
  const before = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  const after = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits
  const plainWhole = before.replace(/^0+(?=\d)/, '')
  const plainFraction = after.replace(/0+$/, '')
  if (plainFraction === '') return plainWhole === '0' ? '0' : sign + plainWhole
  return `${sign}${plainWhole}.${plainFraction}`
}
