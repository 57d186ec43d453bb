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
