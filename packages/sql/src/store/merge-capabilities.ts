import type { MergeCapabilities } from '@kairos/core/driver'
import type { Dialect } from '../dialects/dialect.ts'

/** What is merged exactly as core does, and faster than core merges what `read` returns: by the database or, of sketches, here. */
export function mergesOf({ latest }: Pick<Dialect, 'latest'>): MergeCapabilities {
  return {
    count: ['value'],
    histogram: ['value'],
    set: ['value', 'size'],
    series: ['size', 'stats'],
    distribution: ['value'],
    unique: ['value'],
    ...(latest !== undefined && { summary: ['value'] }),
  }
}
