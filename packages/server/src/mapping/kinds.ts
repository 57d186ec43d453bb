import type { TimeseriesType } from '@kairos/core'
import type { InputKind } from '../config/types.ts'

export const KINDS: readonly InputKind[] = ['value', 'count', 'timing', 'gauge', 'member']

const OF_NUMBERS: readonly InputKind[] = ['value', 'timing', 'gauge']

/** What a timeseries keeps unless its configuration says otherwise: what its type can answer for. */
export const TAKES: Readonly<Record<TimeseriesType, readonly InputKind[]>> = {
  count: ['value', 'count'],
  gauge: ['value', 'gauge'],
  series: OF_NUMBERS,
  histogram: OF_NUMBERS,
  summary: OF_NUMBERS,
  distribution: ['value', 'timing'],
  set: ['value', 'member'],
  unique: ['value', 'member'],
}
