import type { CellValue, Scalar } from '../contract/cells.ts'
import { isBytes } from '../internal/collections.ts'
import type { Settings } from '../settings.ts'

/** This many characters or bytes of one value cost as much as one number does. */
const LIGHT = 256

/**
 * How many values a cell holds, to limit what is in memory at once; a long text or many bytes count as several.
 * @example `weigherOf(settings)(new Map([[1, 5], [2, 1]])) // 2`
 */
export function weigherOf({ kind, rules }: Settings): (value: CellValue) => number {
  const { size } = rules
  if (!kind?.long || rules.ownData) return size
  const weightOf = (scalar: Scalar): number =>
    1 + (typeof scalar === 'string' || isBytes(scalar) ? Math.floor(scalar.length / LIGHT) : 0)
  return (value) => {
    if (typeof value !== 'object' || isBytes(value)) return weightOf(value)
    let weight = 0
    for (const scalar of value instanceof Map ? value.keys() : (value as Iterable<Scalar>)) weight += weightOf(scalar)
    return weight
  }
}
