import type { StorageDriver } from '@kairos/core'
import { afterAll } from 'vitest'
import {
  createEventStore,
  type EventStore,
  type EventStoreConfig,
  type KronosHandlerOptions,
  kronosHandler,
} from '../../src/index.ts'
import { type RunningServer, serveHttp } from '../../src/node.ts'

/** A store, and a server of it on a free port; closed when the test file ends. */
export interface Served {
  readonly store: EventStore
  readonly server: RunningServer
  readonly url: string
}

export async function serve(
  source: StorageDriver | string,
  config: EventStoreConfig = {},
  options: KronosHandlerOptions = {},
): Promise<Served> {
  const store = createEventStore(source, config)
  const server = await serveHttp(kronosHandler(store, options), { port: 0 })
  afterAll(async () => {
    await server.stop(0)
    await store.close()
    if (typeof source !== 'string') await source.close()
  })
  return { store, server, url: server.url }
}
