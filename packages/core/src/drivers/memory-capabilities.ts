import type { Capabilities } from '../contract/cells.ts'
import { ORIGINAL_TYPES } from '../toolkit/original-types.ts'

/** How long the id of a batch is remembered, in seconds. */
export const ID_SECONDS = 600

export const memoryCapabilities: Capabilities = {
  types: [...ORIGINAL_TYPES, 'summary', 'distribution', 'unique'],
  expiry: {
    series: 'sweep',
    histogram: 'sweep',
    count: 'sweep',
    gauge: 'sweep',
    set: 'sweep',
    summary: 'sweep',
    distribution: 'sweep',
    unique: 'sweep',
  },
  fractionalCounts: true,
  exactlyOnce: { seconds: ID_SECONDS },
  returning: true,
  replace: { atomic: true, expected: true },
  customFetch: false,
  writeOptions: [],
  readOptions: [],
  // Nothing is awaited in a call, so every call is one step.
  events: { atomic: true },
}
