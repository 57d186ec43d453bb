import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { checkCount, checkOptions, checkText, LONGEST_TIMER } from '../checks/options.ts'
import { type ListenerOptions, nodeListener, type RequestHandler } from './node-listener.ts'

export interface ServeOptions extends ListenerOptions {
  /** Default 8150; 0: any free one. */
  readonly port?: number
  /** Default 127.0.0.1: name another one to be reached from elsewhere. */
  readonly host?: string
  /** At once; further ones are closed at once. Default 1,000. */
  readonly maxConnections?: number
  /** Milliseconds in which the head of a request arrives; default 10,000. */
  readonly headersTimeout?: number
  /** Milliseconds in which a request arrives, its body included; default 60,000. */
  readonly requestTimeout?: number
  /** Milliseconds for which a connection without a request is kept; default 5,000. */
  readonly keepAliveTimeout?: number
}

const OPTIONS = [
  'port',
  'host',
  'maxConnections',
  'headersTimeout',
  'requestTimeout',
  'keepAliveTimeout',
  'stallTimeout',
] as const
const LAST_PORT = 65_535
const MAX_CONNECTIONS = 1_000
/** Milliseconds. A head is small: whoever sends it slower means to hold the connection. */
const HEADERS_TIMEOUT = 10_000
const REQUEST_TIMEOUT = 60_000
const KEEP_ALIVE_TIMEOUT = 5_000
/** Most milliseconds from one look for requests that take too long to the next. */
const CHECK_EVERY = 1_000
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
  checkOptions(options, OPTIONS, 'serveHttp')
  const { port = 8150, host = '127.0.0.1', maxConnections = MAX_CONNECTIONS, stallTimeout } = options
  checkCount(port, 'port', 0, LAST_PORT)
  checkText(host, 'host')
  const time = (name: 'headersTimeout' | 'requestTimeout' | 'keepAliveTimeout', otherwise: number): number => {
    const { [name]: time = otherwise } = options
    return checkCount(time, name, 1, LONGEST_TIMER)
  }
  const requestTimeout = time('requestTimeout', REQUEST_TIMEOUT)
  const headersTimeout = Math.min(time('headersTimeout', HEADERS_TIMEOUT), requestTimeout)
  const server = createServer(
    {
      headersTimeout,
      requestTimeout,
      keepAliveTimeout: time('keepAliveTimeout', KEEP_ALIVE_TIMEOUT),
      connectionsCheckingInterval: Math.min(CHECK_EVERY, headersTimeout),
    },
    nodeListener(handler, stallTimeout === undefined ? {} : { stallTimeout }),
  )
  server.maxConnections = checkCount(maxConnections, 'maxConnections', 1)
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
