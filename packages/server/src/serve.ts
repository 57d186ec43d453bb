import { messageOf, withoutSecrets } from '@kairos/core/driver'
import type { ServerConfig } from './config/types.ts'
import type { KairosServer } from './kairos-server.ts'
import { createServer } from './server.ts'

/** A server that signals end and change. */
export interface ServedProcess extends KairosServer {
  /** Resolves when the server has stopped, whether by a signal or by `stop`. */
  readonly stopped: Promise<void>
}

/**
 * Serves a configuration in this process. SIGTERM and SIGINT stop the server, a second one at once; SIGHUP loads the configuration again: one that is
 * wrong is reported, and the old one stays.
 * @throws what `load`, opening a store or listening rejects with
 * @example const server = await serve(() => loadConfig('kairos.config.ts'), console.error)
 */
export async function serve(
  load: () => Promise<ServerConfig>,
  log: (line: string) => void = () => {},
): Promise<ServedProcess> {
  const server = await createServer(await load()).start()
  let stopping: Promise<void> | undefined
  const { promise: stopped, resolve } = Promise.withResolvers<void>()

  const stop = (grace?: number): Promise<void> => {
    stopping ??= server.stop(grace).finally(() => {
      for (const signal of ENDING) process.off(signal, end)
      process.off('SIGHUP', reload)
      resolve()
    })
    return stopping
  }
  const end = (signal: NodeJS.Signals): void => {
    if (stopping !== undefined) process.exit(1)
    log(`${signal}: writing what is in the buffers`)
    stop().catch((error) => {
      log(`stopping failed: ${withoutSecrets(messageOf(error))}`)
      process.exitCode = 1
    })
  }
  const reload = (): void => {
    load()
      .then((config) => server.reload(config))
      .then(
        () => log('the configuration was loaded again'),
        (error) => log(`the configuration stays as it was: ${withoutSecrets(messageOf(error))}`),
      )
  }
  for (const signal of ENDING) process.on(signal, end)
  process.on('SIGHUP', reload)
  return {
    get url() {
      return server.url
    },
    get port() {
      return server.port
    },
    get ports() {
      return server.ports
    },
    reload: (config) => server.reload(config),
    stop,
    stopped,
  }
}

const ENDING = ['SIGTERM', 'SIGINT'] as const
