import { KairosError } from '@kairos/core'
import { describe, type Scalar, stringCodec } from '@kairos/core/driver'
import type { MongoModule } from '../connection/client.ts'
import { plainDecimal } from './decimal.ts'

/** How scalars of one valueType stand in documents. */
export interface ScalarCodec {
  /** As a value: int64 as Long, decimal as Decimal128, blob as binary, date and datetime as dates. */
  toValue(scalar: Scalar): unknown
  fromValue(value: unknown): Scalar
  /** As a field's name, in a histogram or a set: never empty, without `.`, `$` and NUL. */
  toField(scalar: Scalar): string
  fromField(field: string): Scalar
}

const same = { toValue: (scalar: Scalar): unknown => scalar, fromValue: (value: unknown): Scalar => value as Scalar }

/** Where texts hold digits, letters and `.` only, a comma in place of the point reads better than an escape. */
const pointless = {
  toField: (scalar: Scalar): string => String(scalar).replaceAll('.', ','),
  fromField: (field: string): Scalar => field.replaceAll(',', '.'),
}

const numbers: ScalarCodec = {
  ...same,
  fromValue: Number,
  toField: pointless.toField,
  fromField: (field) => Number(field.replace(',', '.')),
}

const texts: ScalarCodec = { ...same, ...pointless }

const anyText = stringCodec({ nul: true, fieldName: true })
const anyTexts: ScalarCodec = {
  ...same,
  toField: (scalar) => anyText.encode(scalar as string),
  fromField: (field) => anyText.decode(field),
}

const dates: ScalarCodec = {
  toValue: (scalar) => new Date(`${scalar}T00:00:00Z`),
  fromValue: (value) => (value as Date).toISOString().slice(0, 10),
  ...pointless,
}

/** @throws KAIROS_UNSUPPORTED for a valueType that this driver was not made for */
export function scalarCodec(valueType: string, { Decimal128 }: Pick<MongoModule, 'Decimal128'>): ScalarCodec {
  switch (valueType) {
    case 'float':
    case 'int':
      return numbers
    case 'int64':
      return {
        ...same,
        // A fetch of the caller's own may give the client's Long.
        fromValue: (value) => (typeof value === 'bigint' ? value : BigInt(String(value))),
        toField: String,
        fromField: BigInt,
      }
    case 'decimal':
      return {
        ...pointless,
        toValue: (scalar) => Decimal128.fromString(scalar as string),
        fromValue: (value) => plainDecimal(String(value)),
      }
    case 'boolean':
      return { ...same, toField: String, fromField: (field) => field === 'true' }
    case 'date':
      return dates
    case 'datetime':
      return {
        ...pointless,
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
        `the mongo store has no values of the valueType ${describe(valueType)}; use one that its README lists`,
        { feature: 'valueType', driver: 'mongo' },
      )
  }
}

/** About how many bytes a scalar takes as a value. */
export function sizeOf(scalar: Scalar): number {
  // A code unit is at most three bytes, and nearly every text is short.
  if (typeof scalar === 'string') return scalar.length <= 16 ? 3 * scalar.length : Buffer.byteLength(scalar)
  return scalar instanceof Uint8Array ? scalar.length : 16
}
