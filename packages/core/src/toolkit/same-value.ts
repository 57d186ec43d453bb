import type { CellValue, Scalar } from '../contract/cells.ts'
import { isRecord } from '../internal/kinds.ts'

/**
 * Whether two values of a cell are the same, as `replace` means it: lists with the same values in the same order, histograms and sets with the same
 * values in any order. Bytes by content.
 * @example `if (!sameValue(found, cell.expected)) unexpected.push(cell)`
 */
export function sameValue(one: CellValue | null, other: CellValue | null): boolean {
  if (one instanceof Map && other instanceof Map)
    return one.size === other.size && [...one].every(([scalar, times]) => other.get(scalar) === times)
  if (one instanceof Set && other instanceof Set)
    return one.size === other.size && [...one].every((scalar) => other.has(scalar))
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((scalar, index) => sameScalar(scalar, other[index]))
  if (isRecord(one) && isRecord(other)) return Object.entries(one).every(([field, number]) => other[field] === number)
  return sameScalar(one as Scalar, other as Scalar)
}

function sameScalar(one: Scalar, other: Scalar): boolean {
  if (!(one instanceof Uint8Array && other instanceof Uint8Array)) return one === other
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}
