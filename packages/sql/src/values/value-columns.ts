import type { Scalar } from '@kairos/core/driver'

/** The ways in which values are stored; several valueTypes share one. */
export type Storage = 'double' | 'integer' | 'int64' | 'boolean' | 'decimal' | 'short' | 'string' | 'text' | 'blob'

/** How each valueType is stored, so that values are read as they were written. */
export const storageOf: Readonly<Record<string, Storage>> = {
  float: 'double',
  int: 'integer',
  int64: 'int64',
  // Canonical text: numeric columns store 1.50 apart from 1.5, and MySQL's have at most 65 digits.
  decimal: 'decimal',
  boolean: 'boolean',
  string: 'string',
  text: 'text',
  blob: 'blob',
  // Milliseconds since the epoch, since a timestamp column would be read in the session's time zone.
  datetime: 'integer',
  date: 'short',
  time: 'short',
  inet: 'short',
}

/** A column of values: its type, and how to write and read it. */
export interface ValueColumn {
  /** Its type in DDL. */
  readonly type: string
  /** The parameter to bind for a value. */
  encode(scalar: Scalar): unknown
  /** The expression to select, from which the client loses nothing. */
  select(column: string): string
  /** The value, from what the client returned for `select`. */
  decode(stored: unknown): Scalar
}

/** A column whose values are bound and selected as they are. */
export function plainColumn(type: string, decode: ValueColumn['decode']): ValueColumn {
  return { type, encode: (scalar) => scalar, select: (column) => column, decode }
}

/** A number, from a client that returns a number, a string or a bigint, depending on its options. */
export function toNumber(stored: unknown): number {
  return typeof stored === 'number' ? stored : Number(stored)
}

/** In characters. Longer decimals are mostly zeros after the point, thousands of which would not fit in a key. */
const MOST_DECIMAL = 64

/**
 * A canonical decimal as text of at most 64 characters: unchanged, or with an exponent, which databases read as a number too. Different decimals stay
 * different, since one with an exponent would be longer without it.
 * @example storedDecimal(`0.${'0'.repeat(2_998)}12`) // '12e-3000'
 */
export function storedDecimal(decimal: string): string {
  if (decimal.length <= MOST_DECIMAL) return decimal
  const [whole = '', fraction = ''] = decimal.replace('-', '').split('.')
  return `${decimal.startsWith('-') ? '-' : ''}${(whole + fraction).replace(/^0+/, '')}e-${fraction.length}`
}

/** The canonical decimal, from the text of `storedDecimal`. */
export function decimalFrom(stored: string): string {
  const [, sign = '', digits = '', places] = /^(-?)(\d+)e-(\d+)$/.exec(stored) ?? []
  if (places === undefined) return stored
  const padded = digits.padStart(Number(places) + 1, '0')
  return `${sign}${padded.slice(0, -Number(places))}.${padded.slice(-Number(places))}`
}
