import { KairosError } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { parseUrl } from '../src/connection/url.ts'
import { cassandraDriver } from '../src/index.ts'
import { settingsOf } from '../src/options.ts'

const codeOf = (make: () => unknown): string => {
  try {
    make()
  } catch (error) {
    if (KairosError.is(error)) return error.code
  }
  return 'none'
}

describe('URLs and options', () => {
  it('an option that is undefined leaves what the URL says', () => {
    const url = parseUrl('cassandra://h/metrics?replication=3')
    const { keyspace, replication } = settingsOf({ keyspace: undefined, replication: undefined }, url.options)
    expect({ keyspace, replication }).toEqual({ keyspace: 'metrics', replication: 3 })
  })

  it('may have several hosts, credentials, a keyspace and parameters', () => {
    const url =
      'CQL://me:p%40ss@one:9043,two,[::1]:9044/metrics?replication=dc1:3,dc2:2&localDataCenter=dc1&consistency=quorum'
    expect(parseUrl(url)).toEqual({
      scheme: 'cql',
      hosts: ['one:9043', 'two:9042', '[::1]:9044'],
      port: 9043,
      credentials: { username: 'me', password: 'p@ss' },
      options: {
        keyspace: 'metrics',
        localDataCenter: 'dc1',
        consistency: 'quorum',
        replication: { dc1: 3, dc2: 2 },
      },
    })
    expect(parseUrl('cassandra://localhost').options).toEqual({})
  })

  it.each([
    ['cassandra:'],
    ['cassandra:///metrics'],
    ['cassandra://h/k?tablename=x'],
    ['cassandra://h/k?replication=many'],
    ['cassandra://h/k?replication=1e1'],
    ['cassandra://h/k?replication=dc1:3,2'],
    ['cassandra://h/k?replication=1&replication=3'],
    ['cassandra://h:65536/k'],
    ['cassandra://h:9042,i:0/k'],
    ['cassandra://h/k?consistency=most'],
    ['cassandra://h/k%22; DROP'],
    ['cassandra://h/k%'],
    ['cassandra://me:100%@h/k'],
  ])('%s is refused before anything connects', (url) => {
    expect(codeOf(() => cassandraDriver(url))).toBe('KAIROS_INVALID_CONFIG')
  })

  it.each([
    [{ tableName: 'x; DROP TABLE y' }],
    [{ tableName: 'x'.repeat(41) }],
    [{ tableName: 'kairos_events' }],
    [{ tableName: 'web_named_count_float' }],
    [{ localDataCenter: '' }],
    [{ clientConfig: { protocolOptions: { maxVersion: 3 } } }],
    [{ keyspace: '"' }],
    [{ consistency: { read: 'eachQuorum', write: 'quorum' } }],
    [{ replication: 0 }],
    [{ replicaton: 3 }],
    [{ replication: null }],
    [{ consistency: 5 }],
    [{ timeout: 0 }],
    [{ lease: '5s' }],
    [{ localDataCenter: 5 }],
    [{ clientConfig: 'x' }],
    [null],
    [5],
  ])('%j is refused', (options) => {
    expect(codeOf(() => cassandraDriver('cassandra://h', options as object))).toBe('KAIROS_INVALID_CONFIG')
  })

  it.each([[null], [5], [{}], [undefined]])('%j is not a client, and the error says what is expected', (client) => {
    expect(() => cassandraDriver(client as never)).toThrow(/must be a cassandra: URL or a Client of cassandra-driver/)
    expect(codeOf(() => cassandraDriver(client as never))).toBe('KAIROS_INVALID_CONFIG')
  })

  it.each([
    ['cassandra://me:x/s3cret@h/k'],
    ['cassandra://me:12/s3cret@h'],
    ['cassandra://me:s3cret@@h'],
    ['cassandra://me:s3cret%@h'],
  ])('%s is refused without showing its password', (url) => {
    expect(() => cassandraDriver(url)).toThrow(/^store must be ((?!s3cret).)*$/)
  })
})
