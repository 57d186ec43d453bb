import type { CellReference } from '@kairos/core'
import { SHOWN } from './dead-letters.ts'

/** A cell as a dead letter shows it. It may hold millions of values: no more of them are looked at than are shown. */
export function cellText(timeseries: string, { name, interval, start, value }: CellReference): string {
  return JSON.stringify({ timeseries, name, interval, start, value }, plain)
}

/** What JSON has no form for, and the beginning of what is long. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value.subarray(0, SHOWN)).toString('base64')
  if (value instanceof Map || value instanceof Set || Array.isArray(value)) return firstOf(value)
  if (typeof value === 'string') return value.slice(0, SHOWN)
  return typeof value === 'bigint' ? String(value) : value
}

function firstOf(values: Iterable<unknown>): unknown[] {
  const first: unknown[] = []
  for (const value of values) {
    if (first.length === SHOWN) break
    first.push(value)
  }
  return first
}
