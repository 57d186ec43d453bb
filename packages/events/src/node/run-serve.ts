import { messageOf } from '@kairos/core/driver'
import type { AccessEntry } from '../http/access.ts'
import { kronosHandler } from '../http/kronos-handler.ts'
import { createEventStore } from '../store/create-event-store.ts'
import type { EventStore } from '../types.ts'
import type { ServeSettings } from './arguments.ts'
import { repeat } from './repeat.ts'
import { type RunningServer, serveHttp } from './serve.ts'

/** Milliseconds from one look for events that are not kept to the next. */
const EVICT_EVERY = 60_000

/** Opens the stores, and serves them. `log` is told a line at a time. */
export async function runServe(settings: ServeSettings, log: (line: string) => void): Promise<RunningServer> {
  const { namespaces, retention, routes, port, host, mode, cors, maxBodyBytes, id, quiet } = settings
  const stores = [...settings.stores].map(
    ([name, url]) => [name, createEventStore(url, { namespaces, retention })] as const,
  )
  const handler = kronosHandler(
    { stores: Object.fromEntries(stores), namespaces: routes, defaultNamespace: namespaces[0]! },
    {
      mode,
      cors,
      ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
      ...(id === undefined ? {} : { id }),
      onAccess: (entry) => {
        if (!quiet || entry.error !== undefined) log(lineOf(entry))
      },
    },
  )
  const close = async (): Promise<void> => {
    for (const [, store] of stores) await store.close()
  }
  try {
    // A store that cannot be opened is told now, and not to the first caller.
    for (const [, store] of stores) await store.open()
    const server = await serveHttp(handler, { port, host })
    const leaving = new AbortController()
    const stopEvicting = repeat(() => evictFrom(stores, log, leaving.signal), EVICT_EVERY)
    return {
      ...server,
      async stop(grace) {
        leaving.abort()
        await Promise.all([stopEvicting(), server.stop(grace)])
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function evictFrom(
  stores: readonly (readonly [string, EventStore])[],
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const [name, store] of stores) {
    try {
      for (const { namespace, stream, evicted } of await store.evict({ signal })) {
        log(`${now()} evicted ${evicted} events of ${namespace}/${stream} from ${name}`)
      }
    } catch (error) {
      if (signal.aborted) return
      log(`${now()} evicting from ${name} failed: ${quoted(error)}`)
    }
  }
}

function lineOf({ method, path, status, milliseconds, error }: AccessEntry): string {
  const line = `${now()} ${method} ${path} ${status} ${milliseconds.toFixed(1)}ms`
  return error === undefined ? line : `${line} ${quoted(error)}`
}

/** On one line, whatever a message has in it. */
function quoted(error: unknown): string {
  return JSON.stringify(messageOf(error))
}

function now(): string {
  return new Date().toISOString()
}
