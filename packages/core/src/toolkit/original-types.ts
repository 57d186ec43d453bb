import type { OriginalType } from '../contract/cells.ts'

/** The types of a driver that lists none in its capabilities. */
export const ORIGINAL_TYPES: readonly OriginalType[] = ['series', 'histogram', 'count', 'gauge', 'set']
