import type { Scalar } from '@kairos/core/driver'

/** How scalars of one valueType are stored in documents. */
export interface ScalarCodec {
  /** As a value: int64 as Long, decimal as Decimal128, blob as binary, date and datetime as dates. */
  toValue(scalar: Scalar): unknown
  fromValue(value: unknown): Scalar
  /** As the name of a field, in a histogram or a set: never empty, without `.`, `$` and NUL. */
  toField(scalar: Scalar): string
  fromField(field: string): Scalar
}

/** For scalars whose text has only letters, digits and `.`, a comma in place of the point reads better than an escape. */
export const commaFields = {
  toField: (scalar: Scalar): string => String(scalar).replaceAll('.', ','),
  fromField: (field: string): Scalar => field.replaceAll(',', '.'),
}

/** About how many bytes a scalar takes as a value. */
export function sizeOf(scalar: Scalar): number {
  // A code unit is at most three bytes, and nearly every text is short.
  if (typeof scalar === 'string') return scalar.length <= 16 ? 3 * scalar.length : Buffer.byteLength(scalar)
  return scalar instanceof Uint8Array ? scalar.length : 16
}
