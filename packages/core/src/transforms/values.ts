import { describe } from '../internal/describe.ts'
import { isDate } from '../internal/kinds.ts'
import type { Arithmetic, ValueKind } from '../values/value-kinds.ts'
import { arithmeticFor, hasArithmetic, type TransformName, transformsOf } from './names.ts'
import { unknownTransform } from './unknown.ts'
import type { Visit } from './visit.ts'

/** What is known about the values beforehand. */
export interface Values {
  /** Null if the caller's functions make them. */
  readonly kind: ValueKind | null
  /** That of the timeseries, which those functions may have kept. */
  readonly stored: ValueKind | null
  sumOfNone(): 0 | 0n
}

/**
 * Values made by the caller's functions can only be checked now. `inOrder`: they come in the order of arrival.
 * @throws KAIROS_UNKNOWN_TRANSFORM
 */
export function checkValues(name: TransformName, visit: Visit, stored: ValueKind | null, inOrder: boolean): void {
  const needed = arithmeticFor(name)
  if (needed === 'counted') return
  visit((value) => {
    const arithmetic = arithmeticOf(value, stored)
    if (!hasArithmetic(arithmetic, needed))
      throw unknownTransform(name, transformsOf(arithmetic, inOrder), `the value ${describe(value)}`)
  })
}

function arithmeticOf(value: unknown, stored: ValueKind | null): Arithmetic {
  if (typeof value === 'number' || typeof value === 'bigint') return 'numeric'
  if (typeof value !== 'string') return isDate(value) ? 'ordered' : 'counted'
  // An address that a function passed on has no more order than before.
  return stored === null || stored.normalise(value) === undefined ? 'ordered' : stored.arithmetic
}
