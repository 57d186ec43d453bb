import type { CellValue } from '@kairos/core/driver'
import type { ChunkScripts } from '../scripts/chunk-scripts.ts'
import type { Element } from '../values/codecs.ts'

/** An argument of a script that changes a chunk. */
interface PackedChange {
  readonly bytes: Buffer
  /** How many usual arguments take the script as long. */
  readonly weight: number
  /** Sums may exceed the largest double: the script is to look. */
  readonly isLarge?: boolean
}

/** How cells are kept that are neither numbers nor lists of elements. A kind is loaded when a timeseries that needs it is opened. */
export interface Kind<Value extends CellValue = CellValue> {
  readonly scripts: ChunkScripts
  /** The changes of a chunk with room for this many fields, in one argument. Fields ascend. */
  pack(size: number, fields: readonly number[], changes: readonly Value[]): PackedChange
  /** A value as the script that replaces cells compares and stores it. */
  encode(value: Value): Element
  /**
   * Calls `each` with the fields of a chunk, ascending.
   * @throws Damaged
   */
  unpack(bytes: Buffer, size: number, each: (field: number, value: Value) => void): void
  /**
   * The value of what `scripts.cell` replies, as a client returns it.
   * @throws Damaged
   */
  decodeRow(row: unknown): Value
}
