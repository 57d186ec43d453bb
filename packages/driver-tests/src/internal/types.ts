import { type TimeseriesType, ORIGINAL_TYPES as TYPES } from '@kairos/core/driver'

/** Series, histogram, count, gauge and set: the types of every driver that does not list its own. */
export { ORIGINAL_TYPES as TYPES } from '@kairos/core/driver'

/** All of them. */
export const ALL_TYPES: readonly TimeseriesType[] = [...TYPES, 'summary', 'distribution', 'unique']
