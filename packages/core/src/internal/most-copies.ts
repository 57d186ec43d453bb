/** Of one value, in buckets after or before its own. More are a mistake, which must not exhaust the memory. */
export const MOST_COPIES = 10_000
