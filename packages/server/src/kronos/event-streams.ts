import { isDeepStrictEqual } from 'node:util'
import { messageOf } from '@kairos/core/driver'
import { createEventStore, type EventStore, kronosHandler } from '@kairos/events'
import type { AccessRules } from '@kairos/events/http'
import { keepEvicting } from '@kairos/events/node'
import type { ServerLimits } from '../http/limits.ts'
import type { KronosSettings } from './kronos-settings.ts'

/** The event streams of a configuration, which Kronos' clients put and get. */
export interface EventStreams {
  readonly settings: KronosSettings
  readonly store: EventStore
  /** Answers under `/1.0/`. */
  handler(rules: AccessRules, limits: ServerLimits): (request: Request) => Promise<Response>
  close(timeout: number): Promise<void>
}

/** Opens the streams of a configuration, or continues with those of the one before if they are the same. */
export async function openEventStreams(
  settings: KronosSettings,
  previous: EventStreams | undefined,
): Promise<EventStreams> {
  if (previous !== undefined && isDeepStrictEqual(previous.settings, settings)) return previous
  const { url, mode, config } = settings
  const store = createEventStore(url, config)
  await store.open()
  const stopEvicting = keepEvicting(store, {
    onError: (error) => process.emitWarning(`events could not be evicted: ${messageOf(error)}`),
  })
  return {
    settings,
    store,
    handler: ({ cors, hosts, tokens }, { maxBodyBytes, bodyTimeout, maxBufferedBytes, maxRequests }) =>
      kronosHandler(store, {
        cors,
        hosts,
        mode,
        ...(tokens.length > 0 && { token: tokens }),
        maxBodyBytes: Math.min(maxBodyBytes, maxBufferedBytes),
        bodyTimeout,
        maxBufferedBytes,
        maxRequests,
      }),
    async close(timeout) {
      await stopEvicting()
      await store.close({ timeout })
    },
  }
}
