import type { OriginalType } from '@kairos/core/driver'
import type { AnyConfig } from '../internal/any-timeseries.ts'

/** The name that the process to be killed writes. */
export const KILLED = 'killed'

export function killedConfig(type: OriginalType): AnyConfig {
  return { type, intervals: { 'killed minute': { step: 60 }, 'killed hour': { step: 3600, resolution: 60 } } }
}

/** The value of its first, second, third write. */
export function killedValue(type: OriginalType, write: number): number {
  return type === 'count' ? 1 : write
}

const numbersTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1)

/** What a cell holds after this many writes. */
export const afterWrites: Readonly<Record<OriginalType, (writes: number) => unknown>> = {
  series: numbersTo,
  histogram: (writes) => new Map(numbersTo(writes).map((value) => [value, 1])),
  count: (writes) => writes,
  gauge: (writes) => writes,
  set: (writes) => new Set(numbersTo(writes)),
}

/** How many writes a cell shows; 0 if it does not exist. */
export const writesIn: Readonly<Record<OriginalType, (cell: unknown) => number>> = {
  series: (cell) => (cell as readonly number[] | undefined)?.length ?? 0,
  histogram: (cell) => (cell as ReadonlyMap<number, number> | undefined)?.size ?? 0,
  count: (cell) => (cell as number | undefined) ?? 0,
  gauge: (cell) => (cell as number | null | undefined) ?? 0,
  set: (cell) => (cell as ReadonlySet<number> | undefined)?.size ?? 0,
}
