import type { TimeseriesType } from '../contract/cells.ts'

/** The types of a driver that lists none in its capabilities. */
export const ORIGINAL_TYPES: readonly TimeseriesType[] = ['series', 'histogram', 'count', 'gauge', 'set']
