import type { ValueOf, ValueType } from '../values/value-types.ts'
import type { Summary } from './sketches.ts'

/** A value as it is stored: before `readFunc`, and after `writeFunc`. */
export type StoredValue = ValueOf[ValueType]

/** What a cell of any type holds. */
export type CellData =
  | StoredValue
  | readonly StoredValue[]
  | ReadonlyMap<StoredValue, number>
  | ReadonlySet<StoredValue>
  | Readonly<Summary>
