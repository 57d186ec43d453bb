import type { TimeseriesType } from '@kairos/core/driver'
import type { AnyConfig } from '../internal/any-timeseries.ts'
import { dataOf } from '../internal/data.ts'

/** The name that a caller of the process to be killed writes. */
export function killedName(caller: number): string {
  return `killed ${caller}`
}

export function killedConfig(type: TimeseriesType): AnyConfig {
  return { type, intervals: { 'killed minute': { step: 60 }, 'killed hour': { step: 3600, resolution: 60 } } }
}

/** The value of its first, second, third write. */
export function killedValue(type: TimeseriesType, write: number): number {
  return type === 'count' ? 1 : write
}

/** What a cell holds after this many writes. */
export function afterWrites(type: TimeseriesType, writes: number): Promise<unknown> {
  return dataOf(
    type,
    Array.from({ length: writes }, (_, index) => killedValue(type, index + 1)),
  )
}

/** Grows with every write that a cell shows; 0 if it does not exist. */
export function sizeOf(cell: unknown): number {
  if (Array.isArray(cell)) return cell.length
  if (cell instanceof Map || cell instanceof Set) return cell.size
  if (typeof cell !== 'object' || cell === null) return (cell as number | null | undefined) ?? 0
  return (cell as { readonly count: number }).count
}
