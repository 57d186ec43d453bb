import { describe, expect, it } from 'vitest'
import { parseRedisUrl } from '../src/connection/url.ts'
import { driverFromUrl, redisDriver } from '../src/index.ts'

describe('URLs', () => {
  it.each([
    ['redis://localhost', { hosts: [{ host: 'localhost', port: 6379 }], database: 0 }],
    ['redis://', { hosts: [{ host: 'localhost', port: 6379 }], database: 0 }],
    ['redis://h:7000/3', { hosts: [{ host: 'h', port: 7000 }], database: 3 }],
    ['redis://[::1]:7000', { hosts: [{ host: '::1', port: 7000 }] }],
    ['rediss://us%40er:p%3Aass@h', { scheme: 'rediss', username: 'us@er', password: 'p:ass' }],
    ['redis://:secret@h', { password: 'secret' }],
    [
      'redis+cluster://a:1,b:2',
      {
        hosts: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
      },
    ],
    [
      'redis+sentinel://a,b:2/main/5',
      {
        hosts: [
          { host: 'a', port: 26379 },
          { host: 'b', port: 2 },
        ],
        master: 'main',
        database: 5,
      },
    ],
  ])('%s', (url, expected) => {
    expect(parseRedisUrl(url)).toMatchObject(expected)
  })

  it.each([
    'http://h',
    'redis://a,b',
    'redis://h/x',
    'redis://h/1/2',
    'redis+cluster://h/1',
    'redis+sentinel://host-1',
    'redis://h:port',
    'redis://h:65536',
    'redis+cluster://h:7000,h:0',
    'redis://two words',
    'redis://%zz@h',
  ])('%s is refused at once, without showing what may be a password', (url) => {
    expect(() => redisDriver(url)).toThrow(
      expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG', message: expect.not.stringContaining(url) }),
    )
  })
})

describe('options', () => {
  it.each([
    null,
    { prefx: 'a' },
    { shards: 0 },
    { shards: 1.5 },
    { timeout: 0 },
    { lease: 0 },
    { prefix: 5 },
    { prefix: '\ud800' },
    { clientConfig: null },
    { clientConfig: { keyPrefix: 'mine:' } },
    { clientConfig: { redisOptions: { keyPrefix: 'mine:' } } },
  ])('%o is refused', (options) => {
    expect(() => redisDriver('redis://localhost', options as never)).toThrow(
      expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG' }),
    )
  })

  it('a value that is not a client is refused, and so is a client with its own key prefix', () => {
    for (const client of [null, undefined, 5, {}, [], () => {}]) {
      expect(() => redisDriver(client as never)).toThrow(
        expect.objectContaining({
          code: 'KAIROS_INVALID_CONFIG',
          message: expect.stringMatching(/must be a URL, a Redis or Cluster of ioredis/),
        }),
      )
    }
    const client = {
      evalshaBuffer() {},
      status: 'ready',
      options: { keyPrefix: 'x', autoResendUnfulfilledCommands: false },
    }
    expect(() => redisDriver(client as never)).toThrow(expect.objectContaining({ path: 'client.options.keyPrefix' }))
  })

  it('driverFromUrl passes its options to the client', async () => {
    const driver = driverFromUrl('redis://localhost', { port: 1, retryStrategy: null })
    await expect(
      driver.open({ type: 'count', valueType: 'float', record: '', facts: '{}', intervals: {} }),
    ).rejects.toThrow(/ECONNREFUSED/)
    await driver.close()
  })
})
