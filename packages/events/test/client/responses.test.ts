import { createServer } from 'node:http'
import { KairosError } from '@kairos/core'
import { afterAll, describe, expect, it } from 'vitest'
import { createEventClient, type EventClient } from '../../src/index.ts'
import { collect, numbers } from '../support/stores.ts'

let answer: (path: string, asked: number) => { readonly status?: number; readonly text: string }
let asked = 0

/** Responds as configured: like a proxy in place of the server, or one that cuts the server's responses. */
const server = createServer((message, response) => {
  message.resume()
  message.on('end', () => {
    const { status = 200, text } = answer(message.url!, ++asked)
    response.writeHead(status, { 'content-type': 'text/html', 'content-length': Buffer.byteLength(text) }).end(text)
  })
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
afterAll(() => server.close())

function clientOf(told: typeof answer): EventClient {
  answer = told
  asked = 0
  return createEventClient(`http://127.0.0.1:${(server.address() as { port: number }).port}`, { patience: 300 })
}

const HTML = '<html>\n<body>Please log in</body>\n</html>'
const CALLS: readonly (readonly [call: string, call: (client: EventClient) => Promise<unknown>])[] = [
  ['put', (client) => client.put('s', {})],
  ['delete', (client) => client.delete('s')],
  ['index', (client) => client.index()],
  ['inferSchema', (client) => client.inferSchema('s')],
  ['get', (client) => collect(client.get('s'))],
  ['streams', (client) => client.streams()],
]
const OBJECTS = CALLS.slice(0, 4)

describe.each(CALLS)('%s: a 200 that does not follow the protocol', (_call, call) => {
  it.each([HTML, `${HTML}\n`, HTML.replaceAll('\n', ''), 'OK', '{"s":{"memory":{"num_inser'])(
    'is an error whose message shows it: %j',
    async (text) => {
      const error = await call(clientOf(() => ({ text }))).catch((reason: unknown) => reason)
      expect(error).toSatisfy(KairosError.is)
      expect(error).toMatchObject({ code: 'KAIROS_STORE_FAILED', driver: 'http', retryable: true })
      expect((error as KairosError).message).toContain(JSON.stringify(text).slice(0, 5))
      expect((error as KairosError).message).toContain('/1.0/')
      expect((error as KairosError).message).not.toContain('\n')
    },
  )
})

describe.each(OBJECTS)('%s: JSON that does not follow the protocol', (_call, call) => {
  it.each([
    '',
    'null',
    '[]',
    '5',
    '"ok"',
    '{}',
    '{"error":"log in"}',
    '{"@success":"yes"}',
    '{"@success":true}',
    '{"s":null,"schema":null,"storage":null,"@success":true}',
    '{"s":5,"schema":5,"storage":5,"@success":true}',
    '{"s":{},"schema":[],"storage":[],"@success":true}',
    '{"s":{"memory":null},"schema":"x","storage":"x","@success":true}',
    '{"s":{"memory":{"num_inserted":"1","num_deleted":null}},"@success":true}',
    '{"s":{"memory":{"num_inserted":-1,"num_deleted":0.5}},"@success":true}',
  ])('%s', async (text) => {
    await expect(call(clientOf(() => ({ text })))).rejects.toMatchObject({
      code: 'KAIROS_STORE_FAILED',
      driver: 'http',
    })
  })
})

describe.each(CALLS)('%s: an error of a proxy', (_call, call) => {
  it.each([HTML, '', 'null', '[]', '{"@errors":"not a list"}', '{"@errors":[5]}', '{"@errors":null}'])(
    'is reported as it is: %j',
    async (text) => {
      const refused = call(clientOf(() => ({ status: 403, text })))
      await expect(refused).rejects.toMatchObject({ code: 'KAIROS_STORE_FAILED', status: 403, retryable: false })
    },
  )
})

it('a failed delete reports the errors of the stores behind the server, wherever they are', async () => {
  for (const reports of ['{"memory":{"num_deleted":-1,"@errors":["no room"]}}', '{"@errors":["no room"]}']) {
    const client = clientOf(() => ({ text: `{"s":${reports},"@success":false}` }))
    await expect(client.delete('s')).rejects.toMatchObject({ errors: ['no room'], retryable: true })
  }
})

it('a read that is cut within a line, without HTTP noticing, continues', async () => {
  const lines = [1, 2, 3].map((n) => `{"@id":"1381400${n}-1dd2-11b2-8000-000000000000","@time":${n},"n":${n}}\r\n`)
  const client = clientOf((_path, count) => ({
    text: count === 1 ? `${lines[0]}${lines[1]!.slice(0, 20)}` : lines.slice(1).join(''),
  }))
  expect(numbers(await collect(client.get('s')))).toEqual([1, 2, 3])
})

it('a put is repeated after errors of a proxy if the server is known to keep ids', async () => {
  const stored = '{"s":{"memory":{"num_inserted":1}},"@success":true}'
  const client = clientOf((path, count) => {
    if (path === '/1.0/index') return { text: '{"storage":{},"@keeps_ids":true,"@success":true}' }
    return { text: count === 1 ? HTML : stored }
  })
  expect(await client.put('s', {})).toMatchObject({ inserted: 1 })
})
