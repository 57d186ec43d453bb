import type { ServerConfig } from '@kairos/server'
import { type Command, command } from '../command.ts'
import { placeFlags } from '../flags/store.ts'
import { mustBe } from '../misuse.ts'

const LAST_PORT = 65_535

export const serveCommand: Command = command({
  name: 'serve',
  summary: 'runs the server of a configuration: accepts what programs send, answers over HTTP',
  details: `Without a configuration: five timeseries in the SQLite file kairos.db, Carbon on port 2003, StatsD on 8125, HTTP on 8080, all on 127.0.0.1.
Ctrl-C and SIGTERM stop it once everything is written. SIGHUP reloads the configuration; if that is invalid, the old one stays.`,
  words: [],
  flags: {
    config: placeFlags.config,
    host: { kind: 'text', value: 'address', summary: "instead of the configuration's server.host" },
    port: { kind: 'text', value: 'number', summary: 'instead of server.port; 0: any free one' },
  },
  examples: [
    ['kairos serve', 'without a configuration'],
    ['kairos serve --config kairos.config.ts --host 0.0.0.0 --port 80', 'for other machines'],
  ],
  async run({ flags, terminal, signal }) {
    const { loadConfig, serve } = await import('@kairos/server')
    const { host } = flags
    const port = flags.port === undefined ? undefined : portOf(flags.port)
    const own = { ...(host !== undefined && { host }), ...(port !== undefined && { port }) }
    const load = async (): Promise<ServerConfig> => {
      const config = await loadConfig(flags.config ?? '.')
      return { ...config, server: { ...config.server, ...own } }
    }
    const server = await serve(load, terminal.report)
    const ports = Object.entries(server.ports).map(([name, number]) => `, ${name} on ${number}`)
    await terminal.write(`serving ${server.url}${ports.join('')}\n`)
    // A signal of the process reaches the server by itself, which takes another stop for a second signal; this is for a program that calls run.
    const stop = (): void => void setImmediate(() => server.stop())
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
    await server.stopped
    signal.removeEventListener('abort', stop)
  },
})

/** @throws Misuse */
function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= LAST_PORT) return port
  throw mustBe('--port', `a port, 0 to ${LAST_PORT}`, text)
}
