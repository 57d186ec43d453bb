import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

/** A handler of Web-standard requests. */
export type RequestHandler = (request: Request) => Promise<Response>

/**
 * The handler as a listener of node:http. Writes no faster than the client reads, stops reading the store when the client leaves, and cuts the
 * connection where a streamed answer fails midway: to end it would say that it was whole.
 */
export function nodeListener(handler: RequestHandler): (message: IncomingMessage, response: ServerResponse) => void {
  return (message, response) => {
    // What fails here is the connection; the handler itself never rejects.
    respond(handler, message, response).catch(() => response.destroy())
  }
}

async function respond(handler: RequestHandler, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await handler(requestOf(message))
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  if (answer.body === null) {
    response.end()
    return
  }
  const reader = answer.body.getReader()
  const gone = (): void => {
    reader.cancel().catch(() => {})
  }
  response.once('close', gone)
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      if (!response.write(piece.value)) await drained(response)
      if (response.destroyed) return
    }
    response.end()
  } finally {
    response.off('close', gone)
  }
}

function requestOf(message: IncomingMessage): Request {
  const { method = 'GET', headers } = message
  const url = new URL(message.url ?? '/', 'http://localhost')
  const list = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    [value ?? []].flat().map((each) => [name, each]),
  )
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers: list })
  return new Request(url, {
    method,
    headers: list,
    body: Readable.toWeb(message) as ReadableStream<Uint8Array>,
    duplex: 'half',
  })
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.once('drain', done)
    response.once('close', done)
  })
}
