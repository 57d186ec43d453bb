import type { CellPosition, CellValue, OldestLive, TimeseriesType } from './values.ts'

/** What `replace` can do. */
export interface ReplaceCapabilities {
  /**
   * Whether each cell changes in one step, for readers and for writers that add to it meanwhile: a reader sees the old value or the new one, and
   * what is added after the step stays. False: writers that add to the cell meanwhile may be overwritten, and a reader may see a part.
   */
  readonly atomic: boolean
  /** Whether a cell can be replaced only if it holds an expected value. Requires `atomic`. */
  readonly expected: boolean
}

/** What one cell is to hold. */
export interface CellReplacement<Type extends TimeseriesType = TimeseriesType> extends CellPosition {
  readonly interval: string
  /** All of the cell; null: no cell. */
  readonly value: CellValue<Type> | null
  /**
   * With the capability `expected`: replace only a cell that holds this; null: only if there is no cell. Series are equal with the same values in the
   * same order, histograms and sets with the same values in any order.
   */
  readonly expected?: CellValue<Type> | null
}

/** What one `replace` sets. Sorted and bounded like a WriteBatch. */
export interface ReplaceBatch<Type extends TimeseriesType = TimeseriesType> {
  readonly cells: readonly CellReplacement<Type>[]
  /** For every interval of the schema. */
  readonly oldestLive: OldestLive
}

/** What `replace` resolves to. */
export interface ReplaceReceipt {
  /** The cells of the batch that did not hold what was expected: they are as they were. */
  readonly unexpected: readonly CellReplacement[]
}
