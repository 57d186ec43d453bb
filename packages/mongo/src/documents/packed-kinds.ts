import type { CellValue, Scalar, SummaryValue } from '@kairos/core/driver'
import type { MongoModule } from '../connection/client.ts'
import { numberIn, type ScalarCodec, sizeOf } from '../values/scalar-codec.ts'
import { createSummaryCodec } from '../values/summary-codec.ts'
import { type Guard, mayOverflow } from './overflow.ts'

/** The types whose cells share documents. */
export type PackedType = 'count' | 'gauge' | 'summary'

/** How cells of a type are changed inside a document. */
export interface PackedKind {
  /** A cell's value as it is stored. */
  encode(value: CellValue): unknown
  /** @throws Damaged */
  decode(value: unknown): CellValue
  /** What `update` makes of a change to this field. */
  changed(change: CellValue, field: string): unknown
  /** An update of a document, of its changed fields. */
  update(fields: Readonly<Record<string, unknown>>, expireAt: Date): object
  /** The sums of a change that may leave the finite doubles; undefined: none can. */
  guard(change: CellValue, field: string): Guard | undefined
  /** About how many bytes a value or a change takes. */
  weight(value: CellValue): number
}

const FIELD_WEIGHT = 16
/** Of a summary's change, which is an expression for each of its numbers. */
const SUMMARY_WEIGHT = 350

export function packedKind(type: PackedType, codec: ScalarCodec, { Double }: Pick<MongoModule, 'Double'>): PackedKind {
  return kinds[type](codec, Double)
}

const kinds: Readonly<Record<PackedType, (codec: ScalarCodec, double: MongoModule['Double']) => PackedKind>> = {
  // Always a double, which is exact to 2^53: with integers of two widths, the field's type would depend on its history.
  count: (_codec, Double) => ({
    ...operating('$inc', (change) => new Double(change as number)),
    decode: numberIn,
    guard: (change, field) => (mayOverflow(change as number) ? new Map([[field, change as number]]) : undefined),
    weight: () => FIELD_WEIGHT,
  }),
  gauge: (codec) => ({
    ...operating('$set', (change) => codec.toValue(change as Scalar)),
    decode: codec.fromValue,
    guard: () => undefined,
    weight: (value) => FIELD_WEIGHT + (typeof value === 'number' ? 0 : sizeOf(value as Scalar)),
  }),
  summary: (_codec, Double) => ({
    ...createSummaryCodec(Double),
    update: (fields, expireAt) => [{ $set: { ...fields, expireAt: { $max: ['$expireAt', expireAt] } } }],
    guard(change, field) {
      const { count, sum } = change as SummaryValue
      const risky = Object.entries({ n: count, sum }).filter(([, added]) => mayOverflow(added))
      return risky.length === 0 ? undefined : new Map(risky.map(([own, added]) => [`${field}.${own}`, added]))
    },
    weight: () => SUMMARY_WEIGHT,
  }),
}

function operating(
  operator: '$inc' | '$set',
  encode: PackedKind['encode'],
): Pick<PackedKind, 'encode' | 'changed' | 'update'> {
  return {
    encode,
    changed: encode,
    update: (fields, expireAt) => ({ [operator]: fields, $max: { expireAt } }),
  }
}
