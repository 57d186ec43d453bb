import type { CellPosition } from '../../contract/cells.ts'
import { describe } from '../../internal/describe.ts'
import { invalidOption } from '../../internal/invalid-option.ts'
import { compareCodePoints, compareCodeUnits } from '../../internal/order.ts'

/** Where `cells` continues: behind this cell, which need not be there any more. */
export interface Cursor extends CellPosition {
  readonly interval: string
}

/** Makes cursors of cells. Those of one name follow one another, and differ only in their numbers. */
export function cursorWriter(): (cell: Cursor) => string {
  let [interval, name, place]: (string | undefined)[] = []
  return (cell) => {
    if (cell.name !== name || cell.interval !== interval) {
      interval = cell.interval
      name = cell.name
      place = JSON.stringify([interval, name]).slice(0, -1)
    }
    return `${place},${cell.bucket},${cell.resolutionBucket}]`
  }
}

/** @throws KAIROS_INVALID_CONFIG */
export function parseCursor(after: unknown): Cursor | undefined {
  if (after === undefined) return undefined
  const [interval, name, bucket, resolutionBucket, ...rest] = partsOf(after)
  if (typeof interval === 'string' && typeof name === 'string' && rest.length === 0) {
    if (isBucket(bucket) && isBucket(resolutionBucket)) return { interval, name, bucket, resolutionBucket }
  }
  throw invalidOption('after', `after must be the cursor of a cell, not ${describe(after)}`)
}

function partsOf(after: unknown): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(String(after))
    return Array.isArray(parts) ? parts : []
  } catch {
    return []
  }
}

function isBucket(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

/** The order of cells: by interval, by name, by bucket. */
export function compareCells(one: Cursor, other: Cursor): number {
  return (
    compareCodeUnits(one.interval, other.interval) ||
    compareCodePoints(one.name, other.name) ||
    one.bucket - other.bucket ||
    one.resolutionBucket - other.resolutionBucket
  )
}
