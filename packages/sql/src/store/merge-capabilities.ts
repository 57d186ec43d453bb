import type { MergeCapabilities } from '@kairos/core/driver'
import type { Dialect } from '../dialects/dialect.ts'

/** What the database merges exactly as core does, and faster than core merges what it sends. */
export function mergesOf({ latest, sortsGroups }: Pick<Dialect, 'latest' | 'sortsGroups'>): MergeCapabilities {
  return {
    count: ['value'],
    histogram: ['value'],
    set: ['value', 'size'],
    series: ['size', 'stats'],
    // Each bucket has so many bins that sorting their rows takes as long as reading them.
    ...(!sortsGroups && { distribution: ['value'] }),
    ...(latest !== undefined && { summary: ['value'] }),
  }
}
