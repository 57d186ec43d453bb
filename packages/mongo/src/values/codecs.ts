import { KairosError } from '@kairos/core'
import { describe, type Scalar, stringCodec } from '@kairos/core/driver'
import type { MongoModule } from '../connection/client.ts'
import { decimalCodec } from './decimal.ts'
import { commaFields, type ScalarCodec } from './scalar-codec.ts'

const same = { toValue: (scalar: Scalar): unknown => scalar, fromValue: (value: unknown): Scalar => value as Scalar }

const numbers: ScalarCodec = {
  ...same,
  fromValue: Number,
  toField: commaFields.toField,
  fromField: (field) => Number(field.replace(',', '.')),
}

const texts: ScalarCodec = { ...same, ...commaFields }

const anyText = stringCodec({ nul: true, fieldName: true })
const anyTexts: ScalarCodec = {
  ...same,
  toField: (scalar) => anyText.encode(scalar as string),
  fromField: (field) => anyText.decode(field),
}

const dates: ScalarCodec = {
  toValue: (scalar) => new Date(`${scalar}T00:00:00Z`),
  fromValue: (value) => (value as Date).toISOString().slice(0, 10),
  ...commaFields,
}

/** @throws KAIROS_UNSUPPORTED for a valueType that this driver does not know */
export function scalarCodec(valueType: string, { Decimal128 }: Pick<MongoModule, 'Decimal128'>): ScalarCodec {
  switch (valueType) {
    case 'float':
    case 'int':
      return numbers
    case 'int64':
      return {
        ...same,
        // The caller's own fetch may return the client's Long.
        fromValue: (value) => (typeof value === 'bigint' ? value : BigInt(String(value))),
        toField: String,
        fromField: BigInt,
      }
    case 'decimal':
      return decimalCodec(Decimal128)
    case 'boolean':
      return { ...same, toField: String, fromField: (field) => field === 'true' }
    case 'date':
      return dates
    case 'datetime':
      return {
        ...commaFields,
        toValue: (scalar) => new Date(scalar as number),
        fromValue: (value) => (value as Date).getTime(),
      }
    case 'time':
    case 'inet':
      return texts
    case 'string':
    case 'text':
    case 'blob':
      return anyTexts
    default:
      throw new KairosError(
        'KAIROS_UNSUPPORTED',
        `valueType must be one that the mongo store supports, not ${describe(valueType)}; its README lists them`,
        { feature: 'valueType', driver: 'mongo' },
      )
  }
}
