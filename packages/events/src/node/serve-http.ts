import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { checkCount, checkOptions, checkText, LONGEST_TIMER } from '../checks/options.ts'
import { type ListenerOptions, nodeListener, type RequestHandler, reset } from './node-listener.ts'

/** The options of `serveHttp`. */
export interface ServeOptions extends ListenerOptions {
  /** Default 8150; 0: any free port. */
  readonly port?: number
  /** The address to listen on. Default 127.0.0.1, which other machines cannot reach. */
  readonly host?: string
  /** The most connections at a time; further ones are closed immediately. Default 1,000. */
  readonly maxConnections?: number
  /** Milliseconds in which the headers of a request must arrive; default 10,000. */
  readonly headersTimeout?: number
  /** Milliseconds in which a whole request must arrive, including its body; default 60,000. */
  readonly requestTimeout?: number
  /** Milliseconds after which an idle connection is closed; default 5,000. */
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
/** Milliseconds. Headers are small: a client that sends them more slowly is trying to hold the connection. */
const HEADERS_TIMEOUT = 10_000
const REQUEST_TIMEOUT = 60_000
const KEEP_ALIVE_TIMEOUT = 5_000
/** The most milliseconds between two checks for requests that take too long. */
const CHECK_EVERY = 1_000
/** Milliseconds between two checks for connections that have become idle, while a server stops. */
const CHECK_IDLE_EVERY = 50

/** A server that is listening. */
export interface RunningServer {
  /** The port, also if a free one was chosen. */
  readonly port: number
  /** The server's URL. */
  readonly url: string
  /** Refuses new requests and waits for those in flight. After `grace` milliseconds, by default 10,000, it cuts them. */
  stop(grace?: number): Promise<void>
  /** Changes `maxConnections` for connections that open from now on. @throws KAIROS_INVALID_CONFIG */
  limitConnections(maxConnections: number): void
}

/**
 * Serves a handler with node:http. Rejects with Node's error if it cannot listen on the port.
 * @throws KAIROS_INVALID_CONFIG
 * @example const server = await serveHttp(kronosHandler(store), { port: 8150 })
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
      connectionsCheckingInterval: checkEvery(headersTimeout),
    },
    nodeListener(handler, stallTimeout === undefined ? {} : { stallTimeout }),
  )
  countNoStalls(server, headersTimeout)
  // A client that has sent its last request may end its side before it has the response. Node would end the other side, too.
  Object.assign(server, { httpAllowHalfOpen: true })
  // Node closes these without a response unless it is asked for one.
  server.on('connect', (_message, socket) => {
    socket
      .on('error', () => {})
      .end('HTTP/1.1 405 Method Not Allowed\r\nallow: GET, POST, OPTIONS\r\nconnection: close\r\n\r\n')
  })
  const limitConnections = (most: number): void => {
    server.maxConnections = checkCount(most, 'maxConnections', 1)
  }
  limitConnections(maxConnections)
  const { open, unused } = connectionsOf(server)
  await once(server.listen(port, host), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no TCP port')
  return {
    port: address.port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    limitConnections,
    async stop(grace = 10_000) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of unused) socket.destroy()
      // Repeatedly: a connection whose last response has just ended is kept open for another request.
      const closing = setInterval(() => server.closeIdleConnections(), CHECK_IDLE_EVERY)
      const cutting = setTimeout(() => {
        for (const socket of open) reset(socket)
      }, grace)
      await closed.finally(() => {
        clearInterval(closing)
        clearTimeout(cutting)
      })
    },
  }
}

/** Milliseconds between two checks for requests that take too long. */
function checkEvery(headersTimeout: number): number {
  return Math.min(CHECK_EVERY, headersTimeout)
}

/**
 * In a process that was busy, Node's timers come before what was received meanwhile: it would take a request that it has not read for one that was not
 * sent, and reset its connection.
 */
function countNoStalls(server: Server, headersTimeout: number): void {
  const every = checkEvery(headersTimeout)
  let [checked, late] = [performance.now(), 0]
  Object.defineProperty(server, 'headersTimeout', {
    get() {
      const since = performance.now() - checked
      // Node asks more than once for each check.
      if (since < every / 2) return headersTimeout + late
      checked += since
      late = Math.max(0, Math.ceil(since - every))
      return headersTimeout + late
    },
  })
  server.on('timeout', async (socket) => {
    const { bytesRead } = socket
    await nextTurn()
    await nextTurn()
    if (socket.bytesRead === bytesRead) socket.destroy()
  })
}

/** All open connections, and those without a request so far, which Node does not count as idle. */
function connectionsOf(server: Server): { readonly open: ReadonlySet<Socket>; readonly unused: ReadonlySet<Socket> } {
  const [open, unused] = [new Set<Socket>(), new Set<Socket>()]
  server.on('connection', (socket) => {
    open.add(socket)
    unused.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      unused.delete(socket)
    })
  })
  server.on('request', ({ socket }) => unused.delete(socket))
  return { open, unused }
}
