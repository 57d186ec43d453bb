import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { checkCount, checkOptions, checkText } from '../internal/options.ts'
import { nodeListener, type RequestHandler } from './listener.ts'

export interface ServeOptions {
  /** Default 8150; 0: any free one. */
  readonly port?: number
  /** Default 127.0.0.1: name another one to be reached from elsewhere. */
  readonly host?: string
}

const LAST_PORT = 65_535
/** Milliseconds between two looks for connections that have become idle, while a server stops. */
const LOOK_EVERY = 50

/** A server that listens. */
export interface RunningServer {
  readonly port: number
  readonly url: string
  /** Takes no new requests, and waits for those in flight; what is not answered after `grace` milliseconds, by default 10,000, is cut. */
  stop(grace?: number): Promise<void>
}

/**
 * Serves a handler by node:http. Rejects when the port cannot be had.
 * @throws KAIROS_INVALID_CONFIG
 */
export async function serveHttp(handler: RequestHandler, options: ServeOptions = {}): Promise<RunningServer> {
  checkOptions(options, ['port', 'host'], 'serveHttp')
  const { port = 8150, host = '127.0.0.1' } = options
  checkCount(port, 'port', 0, LAST_PORT)
  checkText(host, 'host')
  const server = createServer(nodeListener(handler))
  const unused = unusedConnections(server)
  await listen(server, port, host)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no TCP port')
  return {
    port: address.port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    async stop(grace = 10_000) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of unused) socket.destroy()
      // Again and again: a connection whose last answer has just ended is kept open for a next request.
      const closing = setInterval(() => server.closeIdleConnections(), LOOK_EVERY)
      const cutting = setTimeout(() => server.closeAllConnections(), grace)
      await closed.finally(() => {
        clearInterval(closing)
        clearTimeout(cutting)
      })
    },
  }
}

/** Connections on which no request has come yet: Node does not count them among the idle ones. */
function unusedConnections(server: Server): ReadonlySet<Socket> {
  const unused = new Set<Socket>()
  server.on('connection', (socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  server.on('request', ({ socket }) => unused.delete(socket))
  return unused
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
