import { invalidValue } from '../checks/errors.ts'
import type { Order } from '../types.ts'

/** A position between two events, and the direction to read in from there. */
export interface Cursor {
  readonly key: string
  /** The order of the pages. */
  readonly order: Order
  /** Against the order, to the previous page. */
  readonly backward: boolean
}

const FORM = /^([ad])([fb])([0-9a-f]{32})$/

/** A cursor as callers keep it: opaque, and safe in a URL. */
export function encodeCursor({ key, order, backward }: Cursor): string {
  return `${order === 'ascending' ? 'a' : 'd'}${backward ? 'b' : 'f'}${key}`
}

/** @throws KAIROS_INVALID_VALUE */
export function decodeCursor(cursor: unknown): Cursor {
  const match = typeof cursor === 'string' ? FORM.exec(cursor) : null
  if (match === null) {
    throw invalidValue({ path: 'cursor', expected: '`next` or `previous` of another page', value: cursor })
  }
  return { key: match[3]!, order: match[1] === 'a' ? 'ascending' : 'descending', backward: match[2] === 'b' }
}
