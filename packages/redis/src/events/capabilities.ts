import type { EventCapabilities } from '@kairos/core/driver'

/** What Redis can store as an event. */
export const eventCapabilities: EventCapabilities = { atomic: true }
