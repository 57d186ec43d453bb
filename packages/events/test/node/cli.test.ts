import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createEventClient } from '../../src/index.ts'
import { parseArguments } from '../../src/node/cli-arguments.ts'
import { run, serve } from '../support/command.ts'
import { collect, numbers } from '../support/stores.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-events-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('kairos-events serve', () => {
  it('serves a store, writes an access log, and on SIGTERM exits with everything stored', async () => {
    const store = `sqlite:${join(folder, 'served.db')}`
    const first = await serve('--store', store, '--namespace', 'kronos', '--namespace', 'other')
    // Fails at once if it comes too late.
    const client = createEventClient(first.url, { patience: 0 })
    await client.put('visits', [
      { '@time': 1n, n: 1 },
      { '@time': 2n, n: 2 },
    ])
    await client.put('visits', { '@time': 1n, n: 3 }, { namespace: 'other' })
    // An open read must neither keep the process alive nor lose what is in flight.
    const putting = client.put('visits', { '@time': 3n, n: 3 })
    first.child.kill('SIGTERM')
    await putting.catch(() => {})
    expect(await first.exited).toEqual([0, null])
    expect(first.said.out).toMatch(/POST \/1\.0\/events\/put 200 \d+\.\dms\n/)
    const second = await serve('--store', store, '--quiet')
    const found = numbers(await collect(createEventClient(second.url).get('visits', { end: 2n })))
    expect(found).toEqual([1, 2])
    expect(second.said.out).not.toContain('POST')
    second.child.kill('SIGINT')
    expect(await second.exited).toEqual([0, null])
  }, 60_000)

  it('accepts the names and requires the tokens that are configured', async () => {
    const tokens = join(folder, 'tokens')
    writeFileSync(tokens, 'first\n\n  second  \n')
    const { url, child, exited } = await serve(
      ...['--store', 'memory:', '--token-file', tokens, '--allow-host', 'events.example', '--quiet'],
    )
    for (const token of ['first', 'second']) expect(await createEventClient(url, { token }).streams()).toEqual([])
    await expect(createEventClient(url, { token: 'third' }).streams()).rejects.toMatchObject({ status: 401 })
    for (const [host, status] of [
      ['events.example', 401],
      ['evil.example', 421],
    ] as const) {
      const { hostname, port } = new URL(url)
      const sent = request({ hostname, port, path: '/1.0/index', headers: { host } }).end()
      const [answer] = (await once(sent, 'response')) as [IncomingMessage]
      expect(answer.resume().statusCode).toBe(status)
    }
    child.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
  }, 60_000)

  it.each([
    [['serve', '--store', 'memory:', '--token-file', join(folder, 'missing')], '--token-file must be a readable file'],
    [['serve', '--store', 'memory:', '--max-requests', '0'], 'maxRequests must be a whole number of at least 1, not 0'],
    [['serve'], '--store must be the URL of a store'],
    [['serve', '--store', 'memory:', '--stroe', 'x'], "Unknown option '--stroe'"],
    [['serve', '--store', 'memory:', '--mode', 'some'], 'mode must be one of all, readonly, collector, not "some"'],
    [['serve', '--store', 'memory:', '--port', 'x'], '--port must be a whole number, not "x"'],
    [['serve', '--store', 'memory:', '--port', '65536'], 'port must be a whole number from 0 to 65535, not 65536'],
    [
      ['serve', '--store', 'memory:', '--store', 'memory:'],
      '--store must be a store with a name of its own, not another memory',
    ],
    [['serve', '--store', 'memory:', '--route', 'a=other'], 'must be the name of a configured store, not "other"'],
    [
      ['serve', '--store', 'memory:', '--route', 'x/a=memory'],
      '--route must be in a configured namespace, not "x"; add --namespace x',
    ],
    [['serve', '--store', 'memory:', '--host', '192.0.2.1'], 'listen EADDRNOTAVAIL'],
    [['listen'], 'the command must be serve, not "listen"'],
    [['serve', '--store', `sqlite:${join(folder, 'no', 'such', 'folder.db')}`], 'open failed in the sql store'],
  ])(
    '%j says what is wrong, and exits with 1',
    async (args, message) => {
      const { said, exited } = run(...args)
      expect(await exited).toEqual([1, null])
      expect(said.err).toContain(message)
      expect(said.err).not.toMatch(/\n {4}at /)
    },
    30_000,
  )

  it('shows its usage', async () => {
    const { said, exited } = run('--help')
    expect(await exited).toEqual([0, null])
    expect(said.out).toContain('usage: kairos-events serve --store URL')
  }, 30_000)
})

describe('its arguments', () => {
  it('configure stores, routes and retention', () => {
    const settings = parseArguments([
      ...[
        'serve',
        '--store',
        'hot=redis://localhost/1',
        '--store',
        'sqlite:a=b.db',
        '--namespace',
        'a',
        '--namespace',
        'b',
      ],
      ...[
        '--route',
        'log.=hot,sqlite',
        '--route',
        'b/=sqlite',
        '--max-age',
        'log.=60',
        '--max-events',
        'log.=10',
        '--max-events',
        '=5',
      ],
      ...[
        '--cors',
        'https://x.example',
        '--max-body',
        '1000',
        '--host',
        '0.0.0.0',
        '--allow-host',
        'x.example',
        '--token-file',
        'tokens',
        '--max-buffered',
        '5000',
        '--max-requests',
        '5',
        '--max-connections',
        '6',
        '--mode',
        'readonly',
        '--id',
        'one',
      ],
    ])
    expect(settings).toEqual({
      stores: new Map([
        ['hot', 'redis://localhost/1'],
        ['sqlite', 'sqlite:a=b.db'],
      ]),
      namespaces: ['a', 'b'],
      routes: {
        a: { '': { stores: ['hot'] }, 'log.': { stores: ['hot', 'sqlite'] } },
        b: { '': { stores: ['sqlite'] }, 'log.': { stores: ['hot', 'sqlite'] } },
      },
      retention: { 'log.': { age: 60, events: 10 }, '': { events: 5 } },
      port: 8150,
      host: '0.0.0.0',
      mode: 'readonly',
      cors: ['https://x.example'],
      hosts: ['x.example'],
      tokenFile: 'tokens',
      maxBodyBytes: 1_000,
      maxBufferedBytes: 5_000,
      maxRequests: 5,
      maxConnections: 6,
      id: 'one',
      quiet: false,
    })
  })
})
