import type { ValueType } from '@kairos/core'
import { type Scalar, stringCodec } from '@kairos/core/driver'
import type { MongoModule } from '../connection/client.ts'
import { Damaged } from './damaged.ts'
import { decimalCodec } from './decimal.ts'
import { commaFields, isBson, numberIn, type ScalarCodec } from './scalar-codec.ts'

const same = { toValue: (scalar: Scalar): unknown => scalar }

/** Accepts values that are what this valueType is stored as. */
function only(expected: string, fits: (value: unknown) => boolean): Pick<ScalarCodec, 'fromValue'> {
  return {
    fromValue(value) {
      if (!fits(value)) throw new Damaged('a value', expected, value)
      return value as Scalar
    },
  }
}

const onlyText = only('a text', (value) => typeof value === 'string')

const numbers: ScalarCodec = {
  ...same,
  fromValue: numberIn,
  toField: commaFields.toField,
  fromField: (field) => numberIn(field === '' ? Number.NaN : Number(field.replace(',', '.'))),
}

function integerIn(value: unknown): number {
  const number = numberIn(value)
  if (!Number.isSafeInteger(number)) throw new Damaged('a value', 'a safe integer', value)
  return number
}

const integers: ScalarCodec = {
  ...numbers,
  fromValue: integerIn,
  fromField: (field) => integerIn(numbers.fromField(field)),
}

const texts: ScalarCodec = { ...same, ...onlyText, ...commaFields }

const anyText = stringCodec({ nul: true, fieldName: true })
const anyTexts: ScalarCodec = {
  ...same,
  ...onlyText,
  toField: (scalar) => anyText.encode(scalar as string),
  fromField: (field) => anyText.decode(field),
}

const dates: ScalarCodec = {
  toValue: (scalar) => new Date(`${scalar}T00:00:00Z`),
  fromValue(value) {
    const text = new Date(millisecondsIn(value)).toISOString()
    if (!text.endsWith('T00:00:00.000Z')) throw new Damaged('a value', 'a date without a time', value)
    return text.slice(0, 10)
  },
  ...commaFields,
}

function millisecondsIn(value: unknown): number {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw new Damaged('a value', 'a date', value)
  return value.getTime()
}

export function scalarCodec(valueType: ValueType, { Decimal128 }: Pick<MongoModule, 'Decimal128'>): ScalarCodec {
  switch (valueType) {
    case 'float':
      return numbers
    case 'int':
      return integers
    case 'int64':
      return {
        ...same,
        // The caller's own fetch may return the client's Long.
        fromValue(value) {
          if (typeof value === 'bigint') return value
          if (isBson(value, ['Long', 'Int32']) || Number.isSafeInteger(value)) return BigInt(String(value))
          throw new Damaged('a value', 'an int64', value)
        },
        toField: String,
        fromField: BigInt,
      }
    case 'decimal':
      return decimalCodec(Decimal128)
    case 'boolean':
      return {
        ...same,
        ...only('true or false', (value) => typeof value === 'boolean'),
        toField: String,
        fromField: (field) => field === 'true',
      }
    case 'date':
      return dates
    case 'datetime':
      return {
        ...commaFields,
        toValue: (scalar) => new Date(scalar as number),
        fromValue: millisecondsIn,
      }
    case 'time':
    case 'inet':
      return texts
    case 'string':
    case 'text':
      return anyTexts
    case 'blob':
      return { ...anyTexts, ...only('binary', (value) => value instanceof Uint8Array || isBson(value, ['Binary'])) }
  }
}
