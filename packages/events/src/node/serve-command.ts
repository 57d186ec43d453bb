import { readFile } from 'node:fs/promises'
import { KairosError } from '@kairos/core'
import { messageOf, withoutSecrets } from '@kairos/core/driver'
import type { AccessEntry } from '../http/access-log.ts'
import { kronosHandler } from '../http/kronos-handler.ts'
import { createEventStore } from '../store/create-event-store.ts'
import type { ServeSettings } from './cli-arguments.ts'
import { keepEvicting } from './keep-evicting.ts'
import { type RunningServer, serveHttp } from './serve-http.ts'

/** Milliseconds for calls that are still in flight in a store when the server has stopped. */
const CLOSE_WITHIN = 5_000

/** Opens the stores and serves them. `log` is called with one line at a time. */
export async function serveCommand(settings: ServeSettings, log: (line: string) => void): Promise<RunningServer> {
  const { namespaces, retention, routes, port, host, mode, cors, id, quiet } = settings
  const { maxBodyBytes, maxBufferedBytes, maxRequests, maxConnections } = settings
  const tokens = await tokensIn(settings.tokenFile)
  const stores = [...settings.stores].map(
    ([name, url]) => [name, createEventStore(url, { namespaces, retention })] as const,
  )
  const handler = kronosHandler(
    { stores: Object.fromEntries(stores), namespaces: routes, defaultNamespace: namespaces[0]! },
    {
      mode,
      cors,
      hosts: settings.hosts === true ? true : [host.includes(':') ? `[${host}]` : host, ...settings.hosts],
      ...(tokens === undefined ? {} : { token: tokens }),
      ...given({ maxBodyBytes, maxBufferedBytes, maxRequests, id }),
      onAccess: (entry) => {
        if (!quiet || entry.error !== undefined) log(accessLine(entry))
      },
    },
  )
  const close = async (timeout: number): Promise<void> => {
    await Promise.all(stores.map(([, store]) => store.close({ timeout })))
  }
  try {
    // A store that cannot be opened fails now, not at its first request.
    for (const [, store] of stores) await store.open()
    const server = await serveHttp(handler, { port, host, ...given({ maxConnections }) })
    const evicting = stores.map(([name, store]) =>
      keepEvicting(store, {
        onEvicted({ namespace, stream, evicted }) {
          log(`${now()} evicted ${evicted} events of ${namespace}/${stream} from ${name}`)
        },
        onError: (error) => log(`${now()} evicting from ${name} failed: ${quoted(error)}`),
      }),
    )
    return {
      ...server,
      async stop(grace) {
        await Promise.all([...evicting.map((stopEvicting) => stopEvicting()), server.stop(grace)])
        await close(CLOSE_WITHIN)
      },
    }
  } catch (error) {
    await close(CLOSE_WITHIN)
    throw error
  }
}

/** The options that were passed. */
function given<Options extends object>(
  options: Options,
): { [Key in keyof Options]?: Exclude<Options[Key], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [Key in keyof Options]?: Exclude<Options[Key], undefined> }
}

/**
 * The tokens, one per line. They come from a file or the environment, since all users of a machine can see arguments.
 * @throws KAIROS_INVALID_CONFIG
 */
async function tokensIn(file: string | undefined): Promise<readonly string[] | undefined> {
  const text = file === undefined ? process.env.KAIROS_EVENTS_TOKEN : await read(file)
  if (text === undefined) return undefined
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const message = `--token-file must be a readable file: ${messageOf(error)}`
    throw new KairosError('KAIROS_INVALID_CONFIG', message, { path: '--token-file' }, error)
  }
}

function accessLine({ method, path, status, milliseconds, error }: AccessEntry): string {
  const line = `${now()} ${method} ${path} ${status} ${milliseconds.toFixed(1)}ms`
  return error === undefined ? line : `${line} ${quoted(error)}`
}

/** A message on one line. */
function quoted(error: unknown): string {
  return JSON.stringify(withoutSecrets(messageOf(error)))
}

function now(): string {
  return new Date().toISOString()
}
