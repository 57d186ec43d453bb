import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type AccessEntry, createEventStore, kronosHandler } from '../../src/index.ts'
import { nodeListener, type RunningServer, serveHttp } from '../../src/node.ts'

const long = process.env.KAIROS_TEST_SIZE === 'long'

it.each<[unknown, string]>([
  [{ port: 65_536 }, 'port'],
  [{ port: '8150' }, 'port'],
  [{ port: null }, 'port'],
  [{ host: 5 }, 'host'],
  [{ prot: 0 }, 'prot'],
  [{ maxConnections: 0 }, 'maxConnections'],
  [{ headersTimeout: 0 }, 'headersTimeout'],
  [{ requestTimeout: '1s' }, 'requestTimeout'],
  [{ keepAliveTimeout: null }, 'keepAliveTimeout'],
  [{ stallTimeout: 2 ** 31 }, 'stallTimeout'],
  [null, 'options'],
])('options like %o are refused', async (options, path) => {
  await expect(serveHttp(async () => new Response(), options as never)).rejects.toMatchObject({
    code: 'KAIROS_INVALID_CONFIG',
    path,
  })
})

/** A handler whose responses are delayed, and which reports when it is called. */
function held() {
  const asked = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  return {
    asked: asked.promise,
    open: gate.resolve,
    async handler(): Promise<Response> {
      asked.resolve()
      await gate.promise
      return new Response('done')
    },
  }
}

async function open(server: RunningServer): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Everything that the server has sent when it closes the connection. */
async function untilClosed(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (piece) => {
    text += piece
  })
  // A cut may arrive as a reset, which is an end too.
  if (!socket.closed) await new Promise((resolve) => socket.once('error', () => {}).once('close', resolve))
  return text
}

const kronos = (onAccess?: (entry: AccessEntry) => void) =>
  kronosHandler(createEventStore('memory:'), onAccess === undefined ? {} : { onAccess })

describe('a server that is stopped', () => {
  it('answers requests in flight, then stops, even if connections are kept open', async () => {
    const { handler, asked, open: end } = held()
    const server = await serveHttp(handler, { port: 0 })
    const idle = await open(server)
    const answer = fetch(server.url)
    await asked
    // Longer than a test may take: that it ends at all shows that it did not wait.
    const stopped = server.stop(600_000)
    end()
    expect(await (await answer).text()).toBe('done')
    await stopped
    idle.destroy()
  })

  it('cuts requests that are not answered in time', async () => {
    const { handler, asked } = held()
    const server = await serveHttp(handler, { port: 0 })
    const answer = fetch(server.url).catch((error: unknown) => error)
    await asked
    await server.stop(0)
    expect(await answer).toBeInstanceOf(TypeError)
  })

  it('does not wait for the rest of a refused body when its client disconnects', async () => {
    const server = await serveHttp(kronos(), { port: 0 })
    const socket = await open(server)
    socket.write('POST /1.0/events/get HTTP/1.1\r\nhost: x\r\ncontent-length: 20000000\r\n\r\n')
    const [head] = (await once(socket, 'data')) as [Buffer]
    expect(head.toString()).toContain(' 413 ')
    socket.write(Buffer.alloc(1_000_000))
    socket.destroy()
    await server.stop(600_000)
  })
})

describe('a server', () => {
  it('cuts a connection on which no headers arrive', async () => {
    const server = await serveHttp(kronos(), { port: 0, headersTimeout: 50 })
    const socket = await open(server)
    socket.write('GET /1.0/index HTTP/1.1\r\nhost: x\r\n')
    expect(await untilClosed(socket)).toMatch(/^(HTTP\/1.1 408 |$)/)
    await server.stop()
  })

  it('takes requests that came while the process was busy, however long that was', async () => {
    const server = await serveHttp(kronos(), { port: 0, headersTimeout: 50, keepAliveTimeout: 50 })
    const waiting = await open(server)
    const answer = once(waiting, 'data')
    waiting.write('GET /1.0/index HTTP/1.1\r\nhost: x\r\n\r\n')
    await answer
    const socket = await open(server)
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
    for (const each of long ? [socket, waiting] : [socket])
      each.write('GET /1.0/index HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    // Node adds a second to the time that an idle connection has.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, long ? 1_200 : 150)
    for (const each of long ? [socket, waiting] : [socket]) expect(await untilClosed(each)).toContain(' 200 OK')
    waiting.destroy()
    await server.stop()
  })

  it('cuts a connection on which a body stalls, whatever the handler does', async () => {
    const server = await serveHttp(kronos(), { port: 0, requestTimeout: 100 })
    const socket = await open(server)
    socket.write('POST /1.0/events/put HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"events":')
    await untilClosed(socket)
    await server.stop()
  })

  it('does not blame itself if a client disconnects before the end of its body', async () => {
    const { promise: logged, resolve } = Promise.withResolvers<AccessEntry>()
    const server = await serveHttp(kronos(resolve), { port: 0 })
    const socket = await open(server)
    socket.write('POST /1.0/events/put HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 100\r\n\r\n')
    await once(socket, 'data')
    socket.destroy()
    expect(await logged).toMatchObject({ status: 400 })
    expect(await logged).not.toHaveProperty('error')
    await server.stop()
  })

  it('refuses to be a proxy', async () => {
    const server = await serveHttp(kronos(), { port: 0 })
    const socket = await open(server)
    socket.write('CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n')
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1.1 405 /)
    await server.stop()
  })

  it('closes unused connections, and those beyond its limit', async () => {
    const server = await serveHttp(kronos(), { port: 0, maxConnections: 1, keepAliveTimeout: 50 })
    const first = await open(server)
    first.write('GET /1.0/index HTTP/1.1\r\nhost: x\r\n\r\n')
    await once(first, 'data')
    const second = await open(server)
    expect(await untilClosed(second)).toBe('')
    await untilClosed(first)
    const third = await open(server)
    third.write('GET /1.0/index HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    expect(await untilClosed(third)).toContain(' 200 OK')
    server.limitConnections(3)
    const both = [await open(server), await open(server)]
    for (const socket of both) socket.write('GET /1.0/index HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    for (const socket of both) expect(await untilClosed(socket)).toContain(' 200 OK')
    expect(() => server.limitConnections(0)).toThrow('maxConnections')
    await server.stop()
  })

  it.each([
    ['GET', '//', 404],
    ['GET', '//[', 404],
    ['GET', '//evil.example/1.0/index', 404],
    ['GET', 'http://x/1.0/index', 200],
    ['GET', 'http://x//1.0/index', 200],
    ['OPTIONS', '*', 404],
    ['GET', '/%', 404],
    ['TRACE', '/1.0/index', 405],
    ['TRACE', '/1.0/events/put', 405],
    ['PATCH', '/1.0/index', 405],
  ])('answers %s %s, and logs it', async (method, target, status) => {
    const log: AccessEntry[] = []
    const server = await serveHttp(
      kronos((entry) => log.push(entry)),
      { port: 0 },
    )
    const socket = await open(server)
    socket.write(`${method} ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    expect(await untilClosed(socket)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(log).toMatchObject([{ method, status }])
    await server.stop()
  })

  it('answers each request of a connection, also after a refused body', async () => {
    const server = await serveHttp(kronosHandler(createEventStore('memory:'), { maxBodyBytes: 100 }), { port: 0 })
    const socket = await open(server)
    const post = 'POST /1.0/events/put HTTP/1.1\r\nhost: x\r\n'
    socket.write(`${post}content-length: 100000\r\n\r\n${' '.repeat(100_000)}`)
    socket.write(`${post}connection: close\r\ncontent-length: 13\r\n\r\n{"events":{}}`)
    const text = await untilClosed(socket)
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200'])
    await server.stop()
  })

  it('answers each request of a connection, also after a body that was read partially', async () => {
    const server = await serveHttp(
      async (request) => {
        await request.body?.getReader().read()
        return new Response('enough')
      },
      { port: 0 },
    )
    const socket = await open(server)
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n${' '.repeat(1_000_000)}`)
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    expect((await untilClosed(socket)).match(/enough/g)).toHaveLength(2)
    await server.stop()
  })

  it('resets a connection over which many requests wait for their responses', async () => {
    const { handler, open: answer } = held()
    const server = await serveHttp(handler, { port: 0 })
    const get = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'
    const [few, many] = [await open(server), await open(server)]
    const reset = new Promise((resolve) => many.once('close', resolve))
    few.write(get.repeat(19) + get.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'))
    many.write(get.repeat(21))
    await reset
    answer()
    expect((await untilClosed(few)).match(/done/g)).toHaveLength(20)
    await server.stop()
  })

  it('answers requests whose headers are called like members of objects', async () => {
    const server = await serveHttp(
      async ({ headers }) => new Response(`${headers.get('__proto__')} ${headers.get('constructor')}`),
      {
        port: 0,
      },
    )
    const socket = await open(server)
    socket.write(
      'GET / HTTP/1.1\r\nhost: x\r\n__proto__: a\r\nconstructor: b\r\n__proto__: c\r\nconnection: close\r\n\r\n',
    )
    expect(await untilClosed(socket)).toContain('a, c b')
    await server.stop()
  })

  it('tells the handler that a client has left, but not that one was answered', async () => {
    const signals: AbortSignal[] = []
    const asked = Promise.withResolvers<void>()
    const server = await serveHttp(
      async ({ signal, url }) => {
        signals.push(signal)
        if (url.endsWith('/wait')) {
          asked.resolve()
          await once(signal, 'abort')
        }
        return new Response('done')
      },
      { port: 0 },
    )
    await (await fetch(server.url)).text()
    const socket = await open(server)
    socket.write('GET /wait HTTP/1.1\r\nhost: x\r\n\r\n')
    await asked.promise
    socket.resetAndDestroy()
    await expect.poll(() => signals.map(({ aborted }) => aborted)).toEqual([false, true])
    await server.stop()
  })

  it('forgets a client that disconnects in the middle of its body', async () => {
    const log: AccessEntry[] = []
    const server = await serveHttp(
      kronos((entry) => log.push(entry)),
      { port: 0 },
    )
    const sent = request(`${server.url}/1.0/events/put`, { method: 'POST', headers: { 'content-length': '1000' } })
    sent.on('error', () => {})
    await new Promise((resolve) => sent.write('{"events":{"half":[{}', resolve))
    sent.destroy()
    await expect.poll(() => log.length).toBe(1)
    await server.stop()
  })

  it('lets go of an answer whose client left while it was made', async () => {
    const left = Promise.withResolvers<void>()
    const letGo = Promise.withResolvers<void>()
    const endless = new ReadableStream({
      pull: (made) => made.enqueue(new Uint8Array(1)),
      cancel: () => letGo.resolve(),
    })
    const listener = nodeListener(() => left.promise.then(() => new Response(endless)))
    const server = createServer((message, response) => {
      response.once('close', () => left.resolve())
      listener(message, response)
      socket.destroy()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const socket = connect((server.address() as { readonly port: number }).port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await letGo.promise
    server.close()
  })
})
