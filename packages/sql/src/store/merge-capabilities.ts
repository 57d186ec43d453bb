import type { MergeCapabilities } from '@kairos/core/driver'
import type { Dialect } from '../dialects/dialect.ts'

/** What the database merges exactly as core does. */
export function mergesOf({ latest }: Pick<Dialect, 'latest'>): MergeCapabilities {
  return {
    count: ['value'],
    histogram: ['value'],
    set: ['value', 'size'],
    series: ['size', 'stats'],
    distribution: ['value'],
    ...(latest !== undefined && { summary: ['value'] }),
  }
}
