import { getHeapStatistics } from 'node:v8'

/** The size of a heap that has room for all that a server may hold. */
const ENOUGH = 2 ** 31

/** How much of what a server may hold by default a heap that grows to `limit` bytes has room for: 1 is all of it. */
export function heapShare(limit: number = getHeapStatistics().heap_size_limit): number {
  return Math.min(1, limit / ENOUGH)
}
