import type { CellValue, Scalar } from '../contract/cells.ts'
import type { ExactSum } from './exact-sum.ts'

/** What a caller reads from one cell, or from several merged: the shape of a cell's value, with the caller's values inside. */
type Data = unknown

/** A change while values are still added to it. */
export type Accumulated = CellValue | ExactSum

/** What a type of timeseries means. The table in index.ts is the only place that distinguishes the types. */
export interface TypeRules {
  /** Writing the same change again adds nothing, so core may do so when an answer was lost. */
  readonly idempotent: boolean
  /**
   * The change with one more value; the same object if the change is one. The first value gives a change as drivers see it, unless it comes
   * several times.
   */
  accumulate(change: Accumulated | undefined, value: Scalar, times?: number): Accumulated
  /** A value may come with its times. */
  readonly counts: boolean
  /** The change with a later one, as drivers see it, which stays as it is. */
  absorb(change: Accumulated | undefined, later: CellValue): Accumulated
  /** The order in which changes reach a cell can be seen in it. */
  readonly ordered: boolean
  /** The accumulated change as drivers see it; absent if it is the same. */
  readonly settle?: (change: Accumulated) => CellValue
  /** A cell may hold many values. */
  readonly many: boolean
  /** How many values a change carries to the store. */
  size(change: Accumulated): number
  /** How many (value, bucket) pairs a part of a change represents. */
  weight(change: CellValue): number
  /** The change in pieces of at most `limit` values, in order. */
  split(change: CellValue, limit: number): CellValue[]
  empty(): Data
  /** What that costs in memory, in numbers. */
  readonly emptyCost: number
  /** A cell's value with each scalar decoded, as data. */
  decode(value: CellValue, each: (scalar: Scalar) => unknown): Data
  /** Whether built-in merging and transforms can use it: custom functions may return anything. */
  holds(data: unknown): boolean
  /** Joins, condenses and collapses. */
  merger(): Merger
  /** A shortcut for lists; undefined if it does not apply. */
  readonly mergeSimply?: (data: readonly Data[]) => Data | undefined
}

/** Merges at least one piece of data, in the order of time or of names, without changing them. */
export interface Merger {
  add(data: Data): void
  /** @throws KAIROS_INVALID_VALUE if a sum is larger than a number can hold */
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
