import { describe, expect, it } from 'vitest'
import { cassandraAddressOf } from '../src/doctor/cassandra-address.ts'
import { keyspaceFindings } from '../src/doctor/cassandra-keyspace.ts'
import type { Finding } from '../src/doctor/finding.ts'
import { findingsOfAll } from '../src/doctor/finding-of-all.ts'
import { redisAddressOf } from '../src/doctor/redis-address.ts'
import { fieldsOf } from '../src/doctor/redis-client.ts'
import { clusterFindings, nodesIn } from '../src/doctor/redis-cluster.ts'
import { replicaFindings } from '../src/doctor/redis-replicas.ts'
import { sentinelFindings } from '../src/doctor/redis-sentinel.ts'

const statesOf = (findings: Iterable<Finding>): Record<string, string> =>
  Object.fromEntries(Array.from(findings, ({ check, state }) => [check, state]))

describe('what the doctor reads in a URL', () => {
  it.each([
    ['redis://localhost', [{ host: 'localhost', port: 6379 }], ''],
    ['rediss://app:a%40b@host:1/3', [{ host: 'host', port: 1, username: 'app', password: 'a@b', db: 3, tls: {} }], '3'],
    [
      'redis+cluster://:p@[::1]:7,b',
      [
        { host: '::1', port: 7, password: 'p' },
        { host: 'b', port: 6379, password: 'p' },
      ],
      '',
    ],
    [
      'redis+sentinel://a,b:2/main/4',
      [
        { host: 'a', port: 26379, db: 4 },
        { host: 'b', port: 2, db: 4 },
      ],
      'main',
    ],
  ])('%s', (url, nodes, master) => {
    expect(redisAddressOf(url)).toEqual({ nodes, master })
  })

  it('of Cassandra', () => {
    expect(cassandraAddressOf('cassandra://u:p%2Fq@a:1,b:1/own?consistency=one')).toEqual({
      ...{ hosts: ['a:1', 'b:1'], port: 1, keyspace: 'own', consistency: 'one' },
      credentials: { username: 'u', password: 'p/q' },
    })
    expect(cassandraAddressOf('cql://localhost')).toEqual({
      ...{ hosts: ['localhost'], port: 9042, keyspace: 'kairos', consistency: 'localQuorum', credentials: undefined },
    })
  })
})

describe('what the doctor says of a cluster of Redis', () => {
  const nodes = nodesIn(
    [
      'a1 10.0.0.1:7001@17001,one master - 0 1 1 connected 0-8191 [93-<-b2]',
      'b2 10.0.0.2:7002@17002 myself,master - 0 1 2 connected 8192-16383',
      'c3 10.0.0.3:7003@17003 slave a1 0 1 1 connected',
      'd4 10.0.0.4:7004@17004 slave,fail b2 0 1 2 disconnected',
      '',
    ].join('\n'),
  )

  it('reads its nodes', () => {
    expect(nodes.map(({ address, isMaster, isDown, hasSlots }) => [address, isMaster, isDown, hasSlots])).toEqual([
      ['10.0.0.1:7001', true, false, true],
      ['10.0.0.2:7002', true, false, true],
      ['10.0.0.3:7003', false, false, false],
      ['10.0.0.4:7004', false, true, false],
    ])
  })

  it('says what is missing', () => {
    const whole = fieldsOf('cluster_state:ok\r\ncluster_slots_ok:16384\r\n')
    expect([...clusterFindings(whole, nodes)]).toMatchObject([
      { check: 'cluster', state: 'ok', found: '2 masters, 16384 of 16384 slots served' },
      { check: 'nodes', state: 'warn', found: 'down: 10.0.0.4:7004' },
    ])
    const broken = fieldsOf('cluster_state:fail\r\ncluster_slots_ok:8192\r\n')
    expect(statesOf(clusterFindings(broken, []))).toEqual({ cluster: 'fail', nodes: 'ok' })
  })

  it('puts what its masters say together', () => {
    const ok = (found: string): Finding => ({ check: 'eviction', state: 'ok', found })
    const wrong = (state: 'warn' | 'fail', found: string): Finding => ({ check: 'eviction', state, found, todo: found })
    const of = (one: Finding, other: Finding): Finding[] =>
      findingsOfAll(new Map(Object.entries({ a: [one], b: [other] })))
    expect(of(ok('same'), ok('same'))).toEqual([ok('same')])
    expect(of(ok('one'), ok('two'))).toEqual([ok('one; two')])
    expect(of(wrong('warn', 'x'), ok('y'))).toEqual([{ ...wrong('warn', 'x'), found: 'a: x' }])
    expect(of(wrong('warn', 'x'), wrong('fail', 'z'))).toEqual([{ ...wrong('fail', 'z'), found: 'a: x; b: z' }])
    expect(of(wrong('warn', 'x'), wrong('warn', 'x'))).toEqual([wrong('warn', 'x')])
  })
})

it('the doctor says how far the replicas of a master are behind', () => {
  const of = (lines: readonly string[], areNeeded = true): Finding[] => [
    ...replicaFindings(fieldsOf(['role:master', 'master_repl_offset:5000', ...lines].join('\r\n')), areNeeded),
  ]
  expect(of(['slave0:ip=a,port=1,state=online,offset=4990,lag=1'])).toMatchObject([
    { state: 'ok', found: '1, at most 1 s and 10 bytes behind' },
  ])
  expect(of(['slave0:ip=a,port=1,state=online,offset=5000,lag=30'])).toMatchObject([{ state: 'warn' }])
  expect(of(['slave0:ip=a,port=1,state=wait_bgsave,offset=0,lag=0'])).toMatchObject([
    { state: 'warn', found: expect.stringContaining('1 of them not online') },
  ])
  expect([of([]), of([], false)]).toMatchObject([[{ state: 'warn', found: 'none' }], []])
})

describe('what the doctor says of Sentinels', () => {
  const master = { ip: '10.0.0.1', port: '6379', flags: 'master', quorum: '2', 'num-other-sentinels': '2' }
  const answer = (sentinel: string, own: object = {}) => ({ sentinel, master, quorum: 'OK 3 usable Sentinels', ...own })

  it('where they agree, nothing is wrong', () => {
    expect([...sentinelFindings([answer('a'), answer('b')])]).toMatchObject([
      { check: 'sentinels', state: 'ok', found: '2 asked, 3 in total' },
      { check: 'master', state: 'ok', found: '10.0.0.1:6379' },
      { check: 'failover', state: 'ok' },
    ])
  })

  it.each([
    [[answer('a'), { sentinel: 'b', failure: 'refused' }], { sentinels: 'warn', master: 'ok', failover: 'ok' }],
    [[{ sentinel: 'a', failure: 'refused' }], { sentinels: 'warn' }],
    [
      [answer('a', { master: { ...master, 'num-other-sentinels': '1' } })],
      { sentinels: 'warn', master: 'ok', failover: 'ok' },
    ],
    [
      [answer('a'), answer('b', { master: { ...master, ip: '10.0.0.2' } })],
      { sentinels: 'ok', master: 'warn', failover: 'ok' },
    ],
    [
      [answer('a', { master: { ...master, flags: 's_down,master' } })],
      { sentinels: 'ok', master: 'warn', failover: 'ok' },
    ],
    [[answer('a', { quorum: 'NOQUORUM 1 usable Sentinels' })], { sentinels: 'ok', master: 'ok', failover: 'fail' }],
  ])('else it says what: %#', (answers, states) => {
    expect(statesOf(sentinelFindings(answers))).toEqual(states)
  })
})

describe('what the doctor says of a keyspace', () => {
  const keyspace = (replicas: object, own: object = {}, tables: readonly object[] = [], consistency = 'localQuorum') =>
    statesOf(
      keyspaceFindings({
        keyspace: 'metrics',
        own: { replication: { class: 'NetworkTopologyStrategy', ...replicas }, durable_writes: true, ...own },
        tables: tables as never,
        consistency,
      }),
    )
  const right = { replication: 'ok', durability: 'ok', consistency: 'ok', expiry: 'ok' }
  const table = { table_name: 'count', gc_grace_seconds: 864_000, default_time_to_live: 0 }

  it.each([
    ['three replicas', keyspace({ dc1: '3' }, {}, [table]), { ...right, deletes: 'ok' }],
    ['one replica', keyspace({ dc1: '3', dc2: '1' }), { ...right, replication: 'warn' }],
    ['two replicas', keyspace({ replication_factor: '2' }), { ...right, replication: 'warn' }],
    ['no commit log', keyspace({ dc1: '3' }, { durable_writes: false }), { ...right, durability: 'warn' }],
    ['a weak level', keyspace({ dc1: '3' }, {}, [], 'one'), { ...right, consistency: 'warn' }],
    [
      'tombstones that go soon',
      keyspace({ dc1: '3' }, {}, [table, { ...table, gc_grace_seconds: 600 }]),
      { ...right, deletes: 'warn' },
    ],
    [
      'a TTL of the table',
      keyspace({ dc1: '3' }, {}, [{ ...table, default_time_to_live: 60 }]),
      { ...right, deletes: 'ok', expiry: 'warn' },
    ],
  ])('%s', (_what, states, expected) => {
    expect(states).toEqual(expected)
  })
})
