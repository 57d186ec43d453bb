import { inspect } from 'node:util'
import { withoutSecrets } from '@kairos/core/driver'
import { describe, expect, it } from 'vitest'
import { createEventClient } from '../src/index.ts'
import { parseArguments } from '../src/node/cli-arguments.ts'
import { run } from './support/command.ts'

describe('a text with URLs', () => {
  it.each([
    ['http://user:secret@host:1/path', 'http://***@host:1/path'],
    ['see postgres://user:se/cr?et@host/db.', 'see postgres://***@host/db.'],
    ['"redis://:secret@host"', '"redis://***@host"'],
    ['http:/user:secret@host', '***@host'],
    ['user:secret@host', '***@host'],
    ['mysql://u:p@ss:word@host and mongodb://u:secret@a,b/c', 'mysql://***@host and mongodb://***@a,b/c'],
    ['hot=redis://u:secret@host', 'hot=redis://***@host'],
    ['postgres://host/db?sslpassword=secret&x=1', 'postgres://host/db?sslpassword=***&x=1'],
    ['https://host/?a=1&api_key=secret', 'https://host/?a=1&api_key=***'],
    ['http://host:8150 and a@b, @time', 'http://host:8150 and a@b, @time'],
  ])('%s', (text, shown) => {
    expect(withoutSecrets(text)).toBe(shown)
  })
})

/** Everything that a program might print of a thrown error. */
async function shown(work: () => unknown): Promise<string> {
  try {
    await work()
  } catch (error) {
    return `${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`
  }
  throw new Error('nothing was thrown')
}

describe('a secret', () => {
  it.each([
    'htp://user:hunter2@host',
    'http:/user:hunter2@host',
    'user:hunter2@host',
    'http://user:hunter2@ho st',
    'http://user:hun%ter2@host',
    'postgres://user:hunter2@host/db',
  ])('of the URL %s is not in any error', async (url) => {
    const text = await shown(() => createEventClient(url))
    expect(text).toContain('KAIROS_INVALID_CONFIG')
    expect(text).not.toMatch(/hun(%25|%)?ter2/)
  })

  it('of a URL, a token or a header is not in any error of a call', async () => {
    const header = { authorization: 'Basic hunter2' }
    for (const client of [
      createEventClient('http://user:hunter2@127.0.0.1:1', { patience: 0 }),
      createEventClient('http://127.0.0.1:1', { patience: 0, token: 'hunter2' }),
      createEventClient('http://127.0.0.1:1', { patience: 0, headers: header }),
    ]) {
      expect(await shown(() => client.put('s', {}))).not.toContain('hunter2')
      expect(await shown(() => client.streams())).not.toContain('hunter2')
    }
    expect(await shown(() => createEventClient('http://x', { headers: { 'x-key': 'hunter2\nx' } }))).not.toContain(
      'hunter2',
    )
    expect(await shown(() => createEventClient('http://x', { token: 'hunter2 hunter2' }))).not.toContain('hunter2')
  })

  it.each([
    ['user:hunter2', 'user:hunter2'],
    ['us%C3%A9r:s%40cret', 'us\u00e9r:s@cret'],
    [':hunter2', ':hunter2'],
    ['user', 'user:'],
  ])('in a URL is sent as authorization: %s', async (userinfo, plain) => {
    const headers: unknown[] = []
    const client = createEventClient(`http://${userinfo}@host:8150/base`, {
      fetch: async (url, init) => {
        headers.push(url, new Headers(init?.headers).get('authorization'))
        return Response.json({ '@success': true, storage: {} })
      },
    })
    await client.index()
    const basic = `Basic ${Buffer.from(plain).toString('base64')}`
    expect(headers).toEqual(['http://host:8150/base/1.0/index', basic])
  })

  it('must be given only once', async () => {
    const refused = expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG', path: 'token' })
    const headers = { Authorization: 'Basic x' }
    expect(() => createEventClient('http://u:p@x', { token: 't' })).toThrow(refused)
    expect(() => createEventClient('http://x', { token: 't', headers })).toThrow(refused)
    expect(() => createEventClient('http://u@x', { headers })).toThrow(refused)
  })

  it.each([
    [['serve', 'postgres://user:hunter2@host/db']],
    [['postgres://user:hunter2@host/db']],
    [['serve', '--store', 'postgres://u:hunter2@a', '--store', 'postgres://u:hunter2@b']],
    [['serve', '--stroe', 'postgres://u:hunter2@a']],
    [['serve', '--store', 'memory:', '--route', 'postgres://u:hunter2@a']],
  ])('in the arguments %j is not in any message', async (args) => {
    expect(await shown(() => parseArguments(args))).not.toContain('hunter2')
  })

  it('of a store that cannot be opened is not printed by the command', async () => {
    const { said, exited } = run('serve', '--store', 'nosuchscheme://user:hunter2@host/db')
    expect(await exited).toEqual([1, null])
    expect(said.err).not.toBe('')
    expect(said.err + said.out).not.toContain('hunter2')
  }, 30_000)
})
