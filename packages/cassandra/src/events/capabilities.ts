import type { EventCapabilities } from '@kairos/core/driver'

/** A body is one cell of a table: servers reject writes larger than half a segment of their log, and handle values above a megabyte badly. */
export const eventCapabilities: EventCapabilities = { atomic: false, maxBodyLength: 1_000_000 }
