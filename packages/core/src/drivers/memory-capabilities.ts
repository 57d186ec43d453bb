import type { Capabilities } from '../contract/cells.ts'
import { expiryOf, TYPES_OF_SPEC_1 } from '../toolkit/types-of-spec-1.ts'

/** How long the id of a batch is remembered, in seconds. */
export const ID_SECONDS = 600

export const memoryCapabilities: Capabilities = {
  types: TYPES_OF_SPEC_1,
  expiry: expiryOf(TYPES_OF_SPEC_1, 'sweep'),
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
