import type { Scalar } from '@kairos/core/driver'
import { Damaged } from './damaged.ts'

/** How scalars of one valueType are stored in documents. */
export interface ScalarCodec {
  /** As a value: int64 as Long, decimal as Decimal128, blob as binary, date and datetime as dates. */
  toValue(scalar: Scalar): unknown
  /** @throws Damaged */
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

/**
 * A finite number. The caller's own fetch may return the client's `Long`, `Double` or `Int32`.
 * @throws Damaged
 */
export function numberIn(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  const number = typeof value === 'bigint' || isBson(value, NUMBERS) ? Number(value) : Number.NaN
  if (!Number.isFinite(number)) throw new Damaged('a value', 'a finite number', value)
  return number
}

/**
 * How often a value or a bin was seen: nothing else than whole numbers is ever added.
 * @throws Damaged
 */
export function timesIn(value: unknown): number {
  const times = numberIn(value)
  if (!(Number.isInteger(times) && times >= 1))
    throw new Damaged('the times of a value', 'a whole number from 1', value)
  return times
}

const NUMBERS = ['Long', 'Double', 'Int32', 'Decimal128']

/** Whether a value is of one of these classes of the package `mongodb`. */
export function isBson(value: unknown, classes: readonly string[]): boolean {
  return (
    typeof value === 'object' && value !== null && '_bsontype' in value && classes.includes(String(value._bsontype))
  )
}

/** About how many bytes a scalar takes as a value. */
export function sizeOf(scalar: Scalar): number {
  // A code unit is at most three bytes, and nearly every text is short.
  if (typeof scalar === 'string') return scalar.length <= 16 ? 3 * scalar.length : Buffer.byteLength(scalar)
  return scalar instanceof Uint8Array ? scalar.length : 16
}
