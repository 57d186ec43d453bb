import type { MergeCapabilities } from '@kairos/core/driver'

/** What the database merges exactly as core does. */
export const merges: MergeCapabilities = {
  count: ['value'],
  histogram: ['value'],
  set: ['value', 'size'],
  series: ['size', 'stats'],
  distribution: ['value'],
}
