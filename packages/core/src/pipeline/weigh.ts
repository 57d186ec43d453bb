import type { CellValue, Scalar } from '../contract/cells.ts'
import { isBytes } from '../internal/collections.ts'
import type { Settings } from '../settings.ts'

/** This many characters or bytes of one value cost as much as one number does. */
const LIGHT = 256

/**
 * How many values a cell holds, to limit what is in memory at once; a long text or many bytes count as several.
 * @example `weigherOf(settings)(new Map([[1, 5], [2, 1]])) // 2`
 */
export function weigherOf(settings: Settings): (value: CellValue) => number {
  if (!keepsLong(settings)) return settings.rules.size
  return (value) => {
    if (typeof value !== 'object' || isBytes(value)) return weightOf(value)
    let weight = 0
    for (const scalar of value instanceof Map ? value.keys() : (value as Iterable<Scalar>)) weight += weightOf(scalar)
    return weight
  }
}

/** Whether cells hold values that may be long. */
export function keepsLong({ kind, rules }: Settings): boolean {
  return kind?.long === true && rules.ownData !== true
}

/** How many values one of them counts as. */
export function weightOf(value: unknown): number {
  return 1 + (typeof value === 'string' || isBytes(value) ? Math.floor(value.length / LIGHT) : 0)
}
