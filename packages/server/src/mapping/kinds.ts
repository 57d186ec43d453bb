import type { TimeseriesType } from '@kairos/core'
import type { Kind } from '../config/types.ts'

export const KINDS: readonly Kind[] = ['value', 'count', 'timing', 'gauge', 'member']

const OF_NUMBERS: readonly Kind[] = ['value', 'timing', 'gauge']

/** What a timeseries keeps unless its configuration says otherwise: what its type can answer for. */
export const TAKES: Readonly<Record<TimeseriesType, readonly Kind[]>> = {
  count: ['value', 'count'],
  gauge: ['value', 'gauge'],
  series: OF_NUMBERS,
  histogram: OF_NUMBERS,
  summary: OF_NUMBERS,
  distribution: ['value', 'timing'],
  set: ['value', 'member'],
  unique: ['value', 'member'],
}
