import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { checkCount, checkOptions, LONGEST_TIMER } from '../checks/options.ts'

/** A handler of Web-standard requests, such as `kronosHandler` returns. */
export type RequestHandler = (request: Request) => Promise<Response>

/** The options of `nodeListener`. */
export interface ListenerOptions {
  /** Milliseconds in which a client must take what was written to it; after that its connection is cut. Default 60,000. */
  readonly stallTimeout?: number
}

const STALL_TIMEOUT = 60_000
/**
 * Requests of one connection whose responses wait for each other. A client that reads nothing could send two thousand in what one read of its
 * connection takes in, each of which becomes a hundred times as large.
 */
const MOST_WAITING = 20
/** Methods that `Request` does not accept. */
const UNKNOWN_METHODS = ['TRACE', 'TRACK']

/**
 * Turns a handler into a listener for a node:http server. It writes no faster than the client reads, stops reading the store when the client
 * leaves, and cuts the connection if a streamed response fails midway: ending it normally would make it look complete. Over HTTP/1.0, where the
 * end of the connection is the end of the response, it resets the connection. The signal of a request is aborted when its connection is cut. It
 * resets a connection over which more than 20 requests wait for their responses.
 * @throws KAIROS_INVALID_CONFIG
 * @example createServer(nodeListener(kronosHandler(store))).listen(8150)
 */
export function nodeListener(
  handler: RequestHandler,
  options: ListenerOptions = {},
): (message: IncomingMessage, response: ServerResponse) => void {
  checkOptions(options, ['stallTimeout'], 'nodeListener')
  const { stallTimeout = STALL_TIMEOUT } = options
  checkCount(stallTimeout, 'stallTimeout', 1, LONGEST_TIMER)
  const waiting = new WeakMap<Socket, number>()
  return (message, response) => {
    const { socket } = message
    const before = waiting.get(socket) ?? 0
    if (before === MOST_WAITING) return reset(socket)
    waiting.set(socket, before + 1)
    // Only the connection can fail here: the handler never rejects.
    respond(handler, message, response, stallTimeout)
      .catch(() => cut(response))
      .finally(() => waiting.set(socket, waiting.get(socket)! - 1))
  }
}

async function respond(
  handler: RequestHandler,
  message: IncomingMessage,
  response: ServerResponse,
  stallTimeout: number,
): Promise<void> {
  const left = new AbortController()
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  const gone = (): void => {
    if (!response.writableFinished) left.abort()
    reader?.cancel().catch(() => {})
  }
  response.once('close', gone)
  try {
    const answer = await handler(requestOf(message, left.signal))
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    reader = answer.body?.getReader()
    for (let piece = await reader?.read(); piece !== undefined && !piece.done; piece = await reader?.read()) {
      if (!response.write(piece.value)) await untilTaken(response, 'drain', stallTimeout)
      if (response.destroyed) return
    }
    if (!message.complete) {
      discardRest(message)
      // Ended now, the connection would be closed with a part of the body unread, and the client would get a reset instead of the response.
      if (!response.shouldKeepAlive) await within(stallTimeout, message, 'end', response)
    }
    response.end()
    await untilTaken(response, 'finish', stallTimeout)
  } finally {
    response.off('close', gone)
    // Also of a client that left while the answer was made: what it would have taken is let go.
    gone()
  }
}

function requestOf(message: IncomingMessage, signal: AbortSignal): Request {
  const request = plainRequest(message)
  // Not given to the constructor, which would make another signal that follows this one.
  Object.defineProperty(request, 'signal', { value: signal })
  return request
}

function plainRequest(message: IncomingMessage): Request {
  const { method = 'GET' } = message
  const list = headersOf(message)
  const url = urlOf(message.url ?? '/')
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers: list })
  if (!UNKNOWN_METHODS.includes(method)) {
    return new Request(url, { method, headers: list, body: bodyOf(message), duplex: 'half' })
  }
  const request = new Request(url, { headers: list })
  // The handler then refuses it, as any method that a path does not support, and logs it.
  Object.defineProperty(request, 'method', { value: method })
  return request
}

/**
 * All headers. Of two with one name, Node would drop one: then this server and a proxy in front of it might each check another one. Both joined
 * cannot be a valid host, origin or token. A host in the target replaces that of the header.
 */
function headersOf({ rawHeaders, url = '/' }: IncomingMessage): [name: string, value: string][] {
  const list: [string, string][] = []
  for (let at = 0; at < rawHeaders.length; at += 2) list.push([rawHeaders[at]!.toLowerCase(), rawHeaders[at + 1]!])
  if (url.startsWith('/') || !URL.canParse(url)) return list
  return [...list.filter(([name]) => name !== 'host'), ['host', new URL(url).host]]
}

/** Concatenated, not resolved: a leading `//` would be taken for a host. */
function urlOf(target: string): string {
  if (target.startsWith('/')) return `http://localhost${target}`
  if (!URL.canParse(target)) return 'http://localhost/'
  const { pathname, search } = new URL(target)
  return `http://localhost/${pathname.replace(/^\/+/, '')}${search}`
}

/** The body, read on demand. If the reader cancels, the rest is discarded, so that the response arrives. */
function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array> {
  message.pause()
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        message.on('data', (piece: Uint8Array) => {
          controller.enqueue(piece)
          message.pause()
        })
        message.once('end', () => controller.close())
        message.once('error', (error) => controller.error(error))
        message.once('close', () => {
          if (!message.complete) controller.error(new Error('the client disconnected'))
        })
      },
      pull() {
        message.resume()
      },
      cancel() {
        discardRest(message)
      },
    },
    { highWaterMark: 0 },
  )
}

/** Reads and drops the rest of a body. Cutting it would cut the response, and leaving it unread would hide that the client disconnected. */
function discardRest(message: IncomingMessage): void {
  message.removeAllListeners('data').removeAllListeners('end').resume()
}

/** Resolves when the client has taken what was written, or has disconnected. Cuts the connection if that takes too long. */
function untilTaken(response: ServerResponse, event: 'drain' | 'finish', stallTimeout: number): Promise<void> {
  if (response.destroyed || (event === 'finish' && response.writableFinished)) return Promise.resolve()
  return within(stallTimeout, response, event, response)
}

/** Resolves at this event, or when the connection is closed. If that takes too long, it cuts the connection. */
function within(stallTimeout: number, emitter: EventEmitter, event: string, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => cut(response), stallTimeout)
    const done = (): void => {
      clearTimeout(timer)
      emitter.off(event, done)
      response.off('close', done)
      resolve()
    }
    emitter.once(event, done)
    response.once('close', done)
  })
}

/** Cuts the connection of a response that is not complete, so that the client sees it. */
function cut(response: ServerResponse): void {
  if (response.socket !== null && !response.chunkedEncoding) reset(response.socket)
  response.destroy()
}

/** Cuts a connection so that the client cannot take its end for the end of a response. */
export function reset(socket: Socket): void {
  try {
    socket.resetAndDestroy()
  } catch {
    // Only TCP has resets. TLS shows by itself whether a connection was ended.
    socket.destroy()
  }
}
