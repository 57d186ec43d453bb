import { must } from './invalid-option.ts'

/** Of one value, in buckets after or before its own. More are a mistake, which must not exhaust the memory. */
const MOST_COPIES = 10_000

/**
 * The option `intervals` of writes: into how many buckets after or before its own a value is copied.
 * @throws KAIROS_INVALID_CONFIG
 */
export function copiesOf(intervals: unknown = 0): number {
  if (Number.isSafeInteger(intervals) && Math.abs(intervals as number) <= MOST_COPIES) return intervals as number
  must(false, 'intervals', `an integer from -${MOST_COPIES} to ${MOST_COPIES}`, intervals)
}
