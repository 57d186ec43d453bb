import { KairosError } from '@kairos/core'
import { describe } from '@kairos/core/driver'
import type { Order } from '../types.ts'

/** A place between two events, and which way to go from it. */
export interface Cursor {
  readonly key: string
  /** The order of the pages. */
  readonly order: Order
  /** Against the order: to the page before. */
  readonly backward: boolean
}

const FORM = /^([ad])([fb])([0-9a-f]{32})$/

/** A cursor as callers keep it: safe in a URL. What it says is nobody's business but this file's. */
export function encodeCursor({ key, order, backward }: Cursor): string {
  return `${order === 'ascending' ? 'a' : 'd'}${backward ? 'b' : 'f'}${key}`
}

/** @throws KAIROS_INVALID_VALUE */
export function decodeCursor(cursor: unknown): Cursor {
  const match = typeof cursor === 'string' ? FORM.exec(cursor) : null
  if (match === null) {
    throw new KairosError('KAIROS_INVALID_VALUE', `${describe(cursor)} is not the cursor of a page`, { value: cursor })
  }
  return { key: match[3]!, order: match[1] === 'a' ? 'ascending' : 'descending', backward: match[2] === 'b' }
}
