import type { EventStoreConfig, ServingMode } from '@kairos/events'

/** Where the streams of events are, and how they are kept. */
export interface KronosSettings {
  readonly url: string
  readonly mode: ServingMode
  readonly config: Pick<EventStoreConfig, 'namespaces' | 'retention'>
}
