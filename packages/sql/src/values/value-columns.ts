import type { Scalar } from '@kairos/core/driver'

/** In how many ways values are kept: several valueTypes share one. */
export type Storage = 'double' | 'integer' | 'int64' | 'boolean' | 'decimal' | 'short' | 'string' | 'text' | 'blob'

/** How each valueType is kept, so that it comes back as it went in. */
export const storageOf: Readonly<Record<string, Storage>> = {
  float: 'double',
  int: 'integer',
  int64: 'int64',
  // Canonical text: numeric columns keep 1.50 beside 1.5, MySQL's end at 65 digits.
  decimal: 'decimal',
  boolean: 'boolean',
  string: 'string',
  text: 'text',
  blob: 'blob',
  // Milliseconds since the epoch: a timestamp column would be read in the session's time zone.
  datetime: 'integer',
  date: 'short',
  time: 'short',
  inet: 'short',
}

/** A column that holds values: its type, and the way in and out. */
export interface ValueColumn {
  /** Its type, as DDL has it. */
  readonly type: string
  /** A value as it is bound. */
  encode(scalar: Scalar): unknown
  /** The column as it is selected, so that the client gives it whole. */
  select(column: string): string
  /** What the client gave for `select`. */
  decode(stored: unknown): Scalar
}

/** A column whose values are bound and selected as they are. */
export function plainColumn(type: string, decode: ValueColumn['decode']): ValueColumn {
  return { type, encode: (scalar) => scalar, select: (column) => column, decode }
}

/** Clients give integers as numbers, strings or bigints, by their own options and by the caller's. */
export function toNumber(stored: unknown): number {
  return typeof stored === 'number' ? stored : Number(stored)
}

/** Longer decimals than this are mostly zeros behind the point, and thousands of them fit no key. */
const MOST_DECIMAL = 64

/**
 * A canonical decimal as text of at most 64 characters: as it is, or with an exponent (`12e-3000`), which databases read as a number too.
 * Different decimals stay different: one that has an exponent would be longer without it.
 */
export function storedDecimal(decimal: string): string {
  if (decimal.length <= MOST_DECIMAL) return decimal
  const [whole = '', fraction = ''] = decimal.replace('-', '').split('.')
  return `${decimal.startsWith('-') ? '-' : ''}${(whole + fraction).replace(/^0+/, '')}e-${fraction.length}`
}

export function decimalFrom(stored: string): string {
  const [, sign = '', digits = '', places] = /^(-?)(\d+)e-(\d+)$/.exec(stored) ?? []
  if (places === undefined) return stored
  const padded = digits.padStart(Number(places) + 1, '0')
  return `${sign}${padded.slice(0, -Number(places))}.${padded.slice(-Number(places))}`
}
