import { ORIGINAL_TYPES, type TimeseriesType } from '@kairos/core/driver'

/** The types that this driver stores. */
export const TYPES: readonly TimeseriesType[] = [...ORIGINAL_TYPES, 'summary', 'distribution', 'unique']
