import { checkConfig } from './check-config.ts'
import type { ServerConfig } from './config/types.ts'
import type { KairosServer } from './kairos-server.ts'

/**
 * A server of the timeseries of a configuration. `start` opens their stores and listens; it rejects if either fails.
 * @throws KAIROS_INVALID_CONFIG
 * @example const server = await createServer({ server: { port: 8080 } }).start()
 */
export function createServer(config: ServerConfig = {}): { start(): Promise<KairosServer> } {
  const checked = checkConfig(config)
  return {
    // Everything that is needed to serve, but not to read a configuration.
    start: async () => (await import('./started-server.ts')).startServer(checked),
  }
}
