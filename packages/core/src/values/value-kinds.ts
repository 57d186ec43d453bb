import type { Scalar } from '../contract/cells.ts'
import { isBytes } from '../internal/collections.ts'
import { isDate } from '../internal/kinds.ts'
import { canonicalDecimal, compareDecimals } from './decimal.ts'
import { canonicalAddress } from './inet.ts'
import { canonicalDate, canonicalTime } from './moments.ts'
import type { ValueType } from './value-types.ts'

/** What one valueType means, for every driver. */
export interface ValueKind {
  /** For messages: 'a safe integer'. */
  readonly expected: string
  /** The value as drivers see it; undefined if it does not fit. */
  normalise(value: unknown): Scalar | undefined
  /** A driver's scalar as the caller gets it; absent if it is the same. */
  readonly decode?: (scalar: Scalar) => unknown
  /** Which transforms apply: all to numbers, no sum to ordered values, only counting to the others. */
  readonly arithmetic: Arithmetic
  /** Comes back as bigint, so that the sum of none is 0n. */
  readonly bigint?: true
  /** May be thousands of characters or bytes long, so that even a few may use much memory. */
  readonly long?: true
  /** Any value of this kind, as drivers see it. */
  readonly sample: Scalar
  /** The order, where it is not that of `<`. */
  readonly compare?: (a: never, b: never) => number
}
export type Arithmetic = 'numeric' | 'ordered' | 'counted'

const wellFormed = (value: unknown): string | undefined =>
  typeof value === 'string' && value.isWellFormed() ? value : undefined

function canonical(normalise: (text: string) => string | undefined): (value: unknown) => string | undefined {
  return (value) => (typeof value === 'string' ? normalise(value) : undefined)
}

export const valueKinds: Readonly<Record<ValueType, ValueKind>> = {
  float: {
    expected: 'a finite number',
    normalise: (value) => (typeof value === 'number' && Number.isFinite(value) ? value + 0 : undefined), // -0 is 0
    sample: 0,
    arithmetic: 'numeric',
  },
  int: {
    expected: 'a safe integer',
    normalise: (value) => (Number.isSafeInteger(value) ? (value as number) + 0 : undefined),
    sample: 0,
    arithmetic: 'numeric',
  },
  int64: {
    expected: 'a bigint from -2^63 to 2^63-1, or a safe integer',
    normalise(value) {
      if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : undefined
      return Number.isSafeInteger(value) ? BigInt(value as number) : undefined
    },
    sample: 0n,
    arithmetic: 'numeric',
    bigint: true,
  },
  decimal: {
    expected: 'a string of digits with an optional sign and fraction, at most 34 digits',
    normalise: canonical(canonicalDecimal),
    sample: '0',
    arithmetic: 'ordered',
    compare: compareDecimals,
  },
  string: {
    expected: 'a string of well-formed Unicode',
    normalise: wellFormed,
    arithmetic: 'ordered',
    long: true,
    sample: '0',
  },
  text: {
    expected: 'a string of well-formed Unicode',
    normalise: wellFormed,
    arithmetic: 'ordered',
    long: true,
    sample: '0',
  },
  boolean: {
    expected: 'true or false',
    normalise: (value) => (typeof value === 'boolean' ? value : undefined),
    sample: false,
    arithmetic: 'counted',
  },
  blob: {
    expected: 'a Uint8Array',
    // A copy: the caller may reuse its buffer before the driver has sent it.
    normalise: (value) => (isBytes(value) ? new Uint8Array(value) : undefined),
    decode: (scalar) => new Uint8Array(scalar as Uint8Array),
    sample: new Uint8Array(1),
    long: true,
    arithmetic: 'counted',
  },
  date: {
    expected: "a date 'YYYY-MM-DD'",
    normalise: canonical(canonicalDate),
    sample: '1970-01-01',
    arithmetic: 'ordered',
  },
  time: {
    expected: "a time 'HH:MM:SS[.ffffff]'",
    normalise: canonical(canonicalTime),
    sample: '00:00:00',
    arithmetic: 'ordered',
  },
  datetime: {
    expected: 'a valid Date',
    normalise: (value) => (isDate(value) && !Number.isNaN(value.getTime()) ? value.getTime() : undefined),
    decode: (scalar) => new Date(scalar as number),
    sample: 0,
    arithmetic: 'ordered',
  },
  inet: {
    expected: 'an IPv4 or IPv6 address',
    normalise: canonical(canonicalAddress),
    sample: '0.0.0.0',
    arithmetic: 'counted',
  },
}
