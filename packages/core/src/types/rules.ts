import type { CellValue, Scalar } from '../contract/cells.ts'
import type { Transform } from '../transforms/apply.ts'
import type { TransformName } from '../transforms/names.ts'

/** What a caller reads from one cell, or from several merged: the shape of a cell's value, with the caller's values inside. */
type Data = unknown

/** A change while values are still added to it: its value, or an object of the type's own. */
export type Accumulated = CellValue | Growing
/** What `settle` makes a value of. */
interface Growing {
  /** Adds a number to a sum, a summary to another, a value to registers. */
  add(more: never): unknown
}

/** What a type of timeseries means. The table in index.ts is the only place that distinguishes the types. */
export interface TypeRules {
  /** Writing the same change again adds nothing, so core may do so when an answer was lost. */
  readonly idempotent: boolean
  /** What `accumulate` takes in place of a value, found once for all cells that it goes into; absent: the value itself. */
  readonly prepare?: (value: Scalar) => Scalar
  /** The change with one more value; the same object if the change is one. `seconds` is the value's timestamp. */
  accumulate(change: Accumulated | undefined, prepared: Scalar, times?: number, seconds?: number): Accumulated
  /** A value may come with its times. */
  readonly counts: boolean
  /** The change with a later one, as drivers see it, which stays as it is. */
  absorb(change: Accumulated | undefined, later: CellValue): Accumulated
  /** The order in which changes reach a cell can be seen in it. */
  readonly ordered: boolean
  /** The accumulated change as drivers see it; absent if it is the same. */
  readonly settle?: (change: Accumulated) => CellValue
  /** Of a change whose sum may exceed what a number can hold, though it is not a number itself. */
  readonly sumOf?: (change: CellValue) => number
  /** A cell may hold many values. */
  readonly many: boolean
  /** How many values a change carries to the store; while it grows, at most. */
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
  /** Data is not the shape of a cell's value: `decode` is always needed, and merging takes both, values for a value and data for data. */
  readonly ownData?: true
  /** What a read without a transform shows; absent: the data. */
  readonly show?: (data: Data) => unknown
  /** The transforms of data that is not made of values; absent: those of its values. */
  readonly transforms?: OwnTransforms
  /** Whether built-in merging and transforms can use it: custom functions may return anything. */
  holds(data: unknown): boolean
  /** Joins, condenses and collapses. */
  merger(): Merger
  /** A shortcut for lists; undefined if it does not apply. */
  readonly mergeSimply?: (data: readonly Data[]) => Data | undefined
}

/** Built-in transforms that a type has of its own. */
export interface OwnTransforms {
  /** Their names; all percentiles as one. */
  readonly known: readonly string[]
  /** Of data that the type holds, or that is empty. */
  named(name: TransformName): Transform
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

/** The sum in a change, which may exceed what a store holds; undefined if it has none. */
export function sumIn({ sumOf }: TypeRules, change: CellValue): number | undefined {
  return typeof change === 'number' ? change : sumOf?.(change)
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
