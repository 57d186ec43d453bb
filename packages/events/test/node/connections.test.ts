import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { memoryDriver } from '@kairos/core'
import { afterAll, describe, expect, it } from 'vitest'
import { createEventStore, kronosHandler } from '../../src/index.ts'
import { type RunningServer, serveHttp } from '../../src/node.ts'

const driver = memoryDriver()
/** Resolves before each page of a read but the first, or rejects. */
let nextPage: () => Promise<void> = async () => {}
const store = createEventStore({
  ...driver,
  async openEvents(schema) {
    const storage = await driver.openEvents!(schema)
    return {
      ...storage,
      async read(stream, query) {
        if (query.first !== firstOf(query)) await nextPage()
        return storage.read(stream, query)
      },
    }
  },
})
let firsts = new Set<string>()
function firstOf({ first }: { readonly first: string }): string | undefined {
  if (firsts.size > 0) return undefined
  firsts.add(first)
  return first
}
const server = await serveHttp(kronosHandler(store, { maxBodyBytes: 1_000 }), { port: 0 })
afterAll(() => server.stop(0))
await store.put(
  'long',
  Array.from({ length: 3_000 }, (_, n) => ({ '@time': BigInt(n), text: 'x'.repeat(1_000) })),
)

interface Ended {
  readonly text: string
  readonly error: string | undefined
}

async function open({ port }: RunningServer, text: string): Promise<{ socket: Socket; ended: Promise<Ended> }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  await once(socket, 'connect')
  let received = ''
  let code: string | undefined
  socket.on('data', (piece) => {
    received += piece
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    code ??= error.code
  })
  const closed = new Promise<void>((resolve) => {
    socket.on('end', () => socket.end())
    socket.on('close', () => resolve())
  })
  socket.write(text)
  return { socket, ended: closed.then(() => ({ text: received, error: code })) }
}

function post(path: string, body: string, { version = '1.1', headers = '' } = {}): string {
  return `POST /1.0/${path} HTTP/${version}\r\nhost: x\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`
}

const GET = '{"stream":"long","end_time":99999}'

describe('a read over HTTP/1.0, which has no mark for the end of a response,', () => {
  it.each(['', 'connection: keep-alive\r\n'])('is reset if the store fails midway: %j', async (headers) => {
    firsts = new Set()
    nextPage = async () => {
      throw new Error('the disk is gone')
    }
    const { ended } = await open(server, post('events/get', GET, { version: '1.0', headers }))
    const { text, error } = await ended
    expect(text).toMatch(/^HTTP\/1\.1 200 /)
    expect(text).not.toMatch(/transfer-encoding/i)
    expect(error).toBe('ECONNRESET')
  })

  it('is reset if the server stops before its end', async () => {
    firsts = new Set()
    const asked = Promise.withResolvers<void>()
    nextPage = () => {
      asked.resolve()
      return new Promise(() => {})
    }
    const stopping = await serveHttp(kronosHandler(store), { port: 0 })
    const { socket, ended } = await open(stopping, post('events/get', GET, { version: '1.0' }))
    await once(socket, 'data')
    await asked.promise
    await stopping.stop(0)
    expect((await ended).error).toBe('ECONNRESET')
  })
})

describe('a client', () => {
  it.each([
    ['events/get', GET],
    ['events/put', '{"events":{"half":[{}]}}'],
    ['streams', '{}'],
  ])('that ends its side after its request still gets the response: %s', async (path, body) => {
    firsts = new Set()
    nextPage = () => new Promise((resolve) => setImmediate(resolve))
    const { socket, ended } = await open(server, post(path, body))
    socket.end()
    const { text } = await ended
    expect(text).toMatch(/^HTTP\/1\.1 200 /)
    expect(text.endsWith('\r\n0\r\n\r\n')).toBe(true)
  })

  it('that sends everything before it reads gets the response, though its body was refused and the connection closes', async () => {
    const { socket, ended } = await open(server, '')
    socket.pause()
    socket.write(post('events/put', 'x'.repeat(20_000_000), { headers: 'connection: close\r\n' }), () =>
      socket.resume(),
    )
    const { text, error } = await ended
    expect(text).toMatch(/^HTTP\/1\.1 413 /)
    expect(text.endsWith('\r\n0\r\n\r\n')).toBe(true)
    expect(error).toBeUndefined()
  })

  it.each([
    ['two hosts', 'GET /1.0/index HTTP/1.1\r\nhost: x\r\nhost: evil.example\r\n', 421],
    ['two origins', 'GET /1.0/index HTTP/1.1\r\nhost: x\r\norigin: http://x\r\norigin: http://evil.example\r\n', 403],
    ['another host in its target', 'GET http://evil.example/1.0/index HTTP/1.1\r\nhost: x\r\n', 421],
    ['a compressed transfer', 'POST /1.0/streams HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n', 415],
  ])('that sends %s is refused', async (_what, head, status) => {
    const { ended } = await open(
      server,
      `${head}connection: close\r\n\r\n${head.includes('chunked') ? '0\r\n\r\n' : ''}`,
    )
    expect((await ended).text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })
})
