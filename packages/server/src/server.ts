import { type RunningServer, serveHttp } from '@kairos/events/node'
import { checkConfig } from './config/check-config.ts'
import type { ServerConfig } from './config/types.ts'
import { answerBy } from './http/answer.ts'
import { routes } from './routes.ts'

/** A server that is listening. */
export interface KairosServer {
  /** Where it answers HTTP: `http://127.0.0.1:8080`. */
  readonly url: string
  readonly port: number
  /** Refuses new requests, waits for those in flight at most `grace` milliseconds (default 10,000), and closes the stores. */
  stop(grace?: number): Promise<void>
}

/**
 * A server of the timeseries of a configuration. `start` opens their stores and listens; it rejects if either fails.
 * @throws KAIROS_INVALID_CONFIG
 * @example const server = await createServer({ server: { port: 8080 } }).start()
 */
export function createServer(config: ServerConfig = {}): { start(): Promise<KairosServer> } {
  const { settings, registry } = checkConfig(config)
  const { host, port, rules, limits } = settings
  const context = { registry, limits, now: () => Date.now() / 1000 }
  const handler = answerBy(routes, rules, context)

  return {
    async start() {
      let running: RunningServer
      try {
        await registry.open()
        running = await serveHttp(handler, { host, port, maxConnections: limits.maxConnections })
      } catch (error) {
        await registry.close(0)
        throw error
      }
      return {
        url: running.url,
        port: running.port,
        async stop(grace = 10_000) {
          await running.stop(grace)
          await registry.close(grace)
        },
      }
    },
  }
}
