import type { CellValue } from '../../contract/cells.ts'
import type { TypeRules } from '../../types/rules.ts'
import type { PendingCell } from './merge.ts'

export const MOST_CELLS = 10_000
export const MOST_VALUES = 50_000

/**
 * Divides sorted cells into batches within the contract's limits. A cell with more values than a batch may hold is split, in order, one part
 * per batch: a batch never holds a cell twice.
 */
export function batchesOf(cells: readonly PendingCell[], rules: TypeRules): (readonly PendingCell[])[] {
  if (isOneBatch(cells, rules)) return [cells]
  const batches: PendingCell[][] = []
  let batch: PendingCell[] = []
  let values = 0
  const close = (): void => {
    if (batch.length > 0) batches.push(batch)
    batch = []
    values = 0
  }
  for (const cell of cells) {
    const size = rules.size(cell.change)
    if (batch.length === MOST_CELLS || values + size > MOST_VALUES) close()
    if (size > MOST_VALUES) {
      for (const part of partsOf(cell, rules)) batches.push([part])
      continue
    }
    batch.push(cell)
    values += size
  }
  close()
  return batches
}

function isOneBatch(cells: readonly PendingCell[], rules: TypeRules): boolean {
  if (cells.length === 0 || cells.length > MOST_CELLS) return false
  let values = 0
  for (const { change } of cells) values += rules.size(change)
  return values <= MOST_VALUES
}

function partsOf(cell: PendingCell, rules: TypeRules): PendingCell[] {
  const changes: CellValue[] = rules.split(cell.change, MOST_VALUES)
  let left = cell.pairs
  return changes.map((change, index) => {
    // Repeated values count with the last part: which part they came in is no longer known.
    const pairs = index === changes.length - 1 ? left : Math.min(left, rules.weight(change))
    left -= pairs
    return { ...cell, change, pairs }
  })
}
