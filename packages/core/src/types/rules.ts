import type { CellValue, Scalar } from '../contract/cells.ts'
import type { ExactSum } from './exact-sum.ts'

/** What a caller reads of one cell, or of several merged: the same shapes as a cell's value, with the caller's values inside. */
type Data = unknown

/** A change while values are still added to it. */
export type Accumulated = CellValue | ExactSum

/** What one type of timeseries means. The only place that tells the types apart is the table in index.ts. */
export interface TypeRules {
  /** Writing the same change again adds nothing, so core may, when an answer was lost. */
  readonly idempotent: boolean
  /** A change with one more value; the same object where the change is one. A first value gives a change as drivers meet it. */
  accumulate(change: Accumulated | undefined, value: Scalar): Accumulated
  /** What was accumulated, as drivers meet it; absent where it is the same. */
  readonly settle?: (change: Accumulated) => CellValue
  /** A cell may hold many values. */
  readonly many: boolean
  /** How many values a change carries to the store. */
  size(change: Accumulated): number
  /** How many (value, bucket) pairs a part of a change stands for. */
  weight(change: CellValue): number
  /** The change in pieces of at most `limit` values, in order. */
  split(change: CellValue, limit: number): CellValue[]
  empty(): Data
  /** What that costs in memory, in numbers. */
  readonly emptyCost: number
  /** A cell's value with each scalar decoded, as data. */
  decode(value: CellValue, each: (scalar: Scalar) => unknown): Data
  /** Whether built-in merging and transforms can work on it: custom functions may have made anything. */
  holds(data: unknown): boolean
  /** Joins, condenses and collapses. */
  merger(): Merger
  /** The same of a list, where it is simpler: undefined where it is not. */
  readonly mergeSimply?: (data: readonly Data[]) => Data | undefined
}

/** Makes one of several pieces of data, at least one, given in the order of time or of names; they stay as they are. */
export interface Merger {
  add(data: Data): void
  /** @throws KAIROS_INVALID_VALUE where sums add up to more than a number holds */
  result(): Data
}

export function mergeAll(rules: TypeRules, data: readonly Data[]): Data {
  const simply = rules.mergeSimply?.(data)
  if (simply !== undefined) return simply
  const merger = rules.merger()
  for (const each of data) merger.add(each)
  return merger.result()
}

/** What an empty Map or Set costs in memory, in numbers. */
export const MAP_COST = 10

/** Pieces of at most `limit` elements. */
export function pieces<T>(elements: Iterable<T>, limit: number): T[][] {
  const all: T[][] = []
  let piece: T[] = []
  for (const element of elements) {
    if (piece.length === limit) {
      all.push(piece)
      piece = []
    }
    piece.push(element)
  }
  if (piece.length > 0) all.push(piece)
  return all
}
