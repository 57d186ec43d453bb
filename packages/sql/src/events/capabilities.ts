import type { EventCapabilities } from '@kairos/core/driver'
import type { Dialect } from '../dialects/dialect.ts'

/** What a database can store as an event. */
export function eventCapabilities({ events: { maxBodyLength } }: Dialect): EventCapabilities {
  return { atomic: true, maxBodyLength }
}
