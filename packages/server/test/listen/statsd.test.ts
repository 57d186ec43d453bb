import { KairosError } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import type { ServerConfig } from '../../src/index.ts'
import { Gauges } from '../../src/write/gauges.ts'
import type { Sink } from '../../src/write/sink.ts'
import { listeners } from '../listening.ts'
import { sendTcp, sendUdp } from '../support.ts'

const intervals = { minute: { step: '1min', steps: 1440 } } as const
const config: ServerConfig = {
  stores: { main: 'memory:' },
  timeseries: {
    counts: { type: 'count', intervals, match: '**', takes: ['count'] },
    timings: { type: 'distribution', intervals, match: '**', takes: ['timing'] },
    gauges: { type: 'gauge', intervals, match: '**', takes: ['gauge'] },
    members: { type: 'set', intervals, match: '**', takes: ['member'], valueType: 'string' },
  },
  server: { statsd: { port: 0 } },
}

describe('StatsD', () => {
  const listen = listeners()

  it('takes counts, timings, gauges and members, many a packet', async () => {
    const server = await listen(config)
    await sendUdp(
      server.ports.statsd!,
      'hits:1|c\nhits:2|c|@0.5\nhits:-1|c\ntime:320|ms|@0.1\ntime:100|h\ntime:1.5|d\n',
      'users:anna|s\nusers:bert|s\nusers:anna|s\ntemp:20|g\ntemp:+5|g\ntemp:-10|g',
    )
    await server.taken(12)
    expect(await server.newest('counts', 'hits')).toBe(4)
    expect(await server.newest('timings', 'time')).toMatchObject({ count: 12 })
    expect(await server.newest('members', 'users')).toEqual(new Set(['anna', 'bert']))
    expect(await server.newest('gauges', 'temp')).toBe(15)
  })

  it('counts sampled timings so that totals are right', async () => {
    const server = await listen(config)
    await sendTcp(server.ports.statsd!, `other:1|ms|@1e-320\n${'time:5|ms|@0.3\n'.repeat(30)}`)
    await server.taken(31)
    expect(await server.newest('timings', 'time')).toMatchObject({ count: 100 })
  })

  it('takes several values and types of one name, and DogStatsD’s tags', async () => {
    const server = await listen(config)
    await sendTcp(
      server.ports.statsd!,
      'a:1:2:3|c\na:5|c|@0.5:7|g\nb:1|c|#env:prod,role:db:1,on,env:test|c:abc|T1700000000\nb:1|c|#on,role:db:1,env:test,env:prod\n',
    )
    await server.taken(7)
    expect([await server.newest('counts', 'a'), await server.newest('gauges', 'a')]).toEqual([16, 7])
    expect(await server.names('counts')).toEqual(['a', 'b;env=prod,test;on=true;role=db:1'])
  })

  it('changes a gauge from no value that was not read, and each change at its own time', async () => {
    const gauges = new Gauges()
    const reads = { properties: () => Promise.reject(new Error('away')) }
    const sink = { served: { timeseries: reads }, intake: {} } as unknown as Sink
    const taken: unknown[] = []
    const change = (value: number, isChange: boolean) => ({
      value,
      isChange,
      isLossy: false,
      take: (made?: number) => taken.push([value, made]),
    })
    for (const each of [change(5, true), change(-1, true), change(7, false), change(2, true)])
      expect(gauges.apply('temp', each, sink)).toBe(true)
    await gauges.settled()
    expect(taken).toEqual([
      [5, undefined],
      [-1, undefined],
      [7, 7],
      [2, 9],
    ])
    expect(gauges.apply('other', change(1, true), sink)).toBe(true)
    await gauges.settled()
    expect([taken.pop(), gauges.apply('temp', change(1, true), sink), taken.pop()]).toEqual([
      [1, undefined],
      true,
      [1, 10],
    ])

    const server = await listen(config)
    const hour = Math.floor(Date.now() / 3_600_000) * 3_600
    await sendTcp(server.ports.statsd!, `late:+1|g|T${hour - 7_200}\nlate:+1|g|T${hour - 3_600}\n`)
    await server.taken(2)
    const answer = await server.answer(
      new Request(
        `http://localhost/api/query?timeseries=gauges&names=late&start=${hour - 7_200}&fill=none&interval=minute`,
      ),
    )
    expect(await answer.json()).toMatchObject({
      points: [
        [hour - 7_200, 1],
        [hour - 3_600, 2],
      ],
    })
  })

  it('begins changes of a gauge with its stored value', async () => {
    const server = await listen(config)
    await sendTcp(server.ports.statsd!, 'temp:20|g\n')
    await server.taken(1)
    await server.forget()
    await sendTcp(server.ports.statsd!, 'temp:+2|g\ntemp:-1|g\nother:-3|g\n')
    await server.taken(4)
    expect([await server.newest('gauges', 'temp'), await server.newest('gauges', 'other')]).toEqual([21, -3])
  })

  it('leaves a gauge as it was where a change goes beyond the largest number', async () => {
    const server = await listen(config)
    await sendTcp(
      server.ports.statsd!,
      'new:+1e308|g\nnew:+1e308|g\nnew:-1e308|g\nnew:+3|g\nold:1|g\nold:+1.7e308|g\nold:+1e308|g\nold:-1.7e308|g\n',
    )
    await server.taken(8)
    expect([await server.newest('gauges', 'new'), await server.newest('gauges', 'old')]).toEqual([3, 0])
    expect(server.dead('refused')).toEqual(['old:+1e308|g', 'new Infinity'])
  })

  it('makes senders wait while gauges are read, and drops no change of those that can wait', async () => {
    const server = await listen(config)
    await sendTcp(server.ports.statsd!, 'temp:+1|g\n'.repeat(5_000))
    await server.taken(5_000)
    expect(await server.newest('gauges', 'temp')).toBe(5_000)
    expect(server.inbound.stats.statsd).toMatchObject({ accepted: 5_000, rejected: 0 })

    const gauges = new Gauges()
    const away = new KairosError('KAIROS_STORE_FAILED', 'away', { retryable: true })
    const { promise, reject } = Promise.withResolvers<never>()
    let reads = 0
    const properties = (): Promise<never> => {
      reads++
      return promise
    }
    const never = { served: { timeseries: { properties } }, intake: {} } as unknown as Sink
    const dropped: unknown[] = []
    const drop = { value: 1, isChange: true, isLossy: true, take: (made?: number) => dropped.push(made) }
    let taken = 0
    while (gauges.apply(`temp${taken % 500}`, drop, never)) taken++
    expect([taken, gauges.isFull, reads]).toEqual([10_000, false, 100])
    for (let time = 0; time < 1_000; time++)
      expect(gauges.apply('other', { ...drop, isLossy: false }, never)).toBe(true)
    expect(gauges.isFull).toBe(true)
    reject(away)
    await gauges.settled()
    expect([dropped.length, gauges.isFull, reads]).toEqual([11_000, false, 100])
    expect(gauges.apply('temp0', drop, never)).toBe(true)
  })

  it('begins with what is on its way to the store, where there are more gauges than are remembered', async () => {
    const gauges = new Gauges(1)
    let [stored, lastError] = [0, new Error('earlier')]
    const sink = {
      served: {
        timeseries: { properties: async () => ({ minute: { last: 0 } }), get: async () => new Map([[0, stored]]) },
      },
      intake: {},
      stats: () => ({ lastError }),
      flush: async () => {
        stored = 20
      },
    }
    const taken: unknown[] = []
    const add = async (name: string, value: number, isChange: boolean): Promise<void> => {
      gauges.apply(name, { value, isChange, isLossy: false, take: (made) => taken.push(made) }, sink as unknown as Sink)
      await gauges.settled()
    }
    await add('temp', 20, false)
    await add('other', 1, false)
    await add('temp', 1, true)
    sink.flush = async () => {
      lastError = new Error('away')
    }
    await add('other', 1, true)
    expect(taken).toEqual([20, 1, 21, undefined])
  })

  it('says what is refused from the first value on', async () => {
    const server = await listen(config)
    await sendTcp(server.ports.statsd!, 'hits:1e308|c|@0.1\n')
    await server.taken(1)
    expect([server.dead('refused'), server.inbound.stats.statsd.accepted]).toEqual([['hits:1e308|c|@0.1'], 0])
  })

  it('takes no other forms of numbers for members of a set of numbers', async () => {
    const ids = { type: 'set', intervals, match: 'ids', takes: ['member'], valueType: 'int' } as const
    const server = await listen({ ...config, timeseries: { ids } })
    await sendTcp(server.ports.statsd!, 'ids:17|s\nids:0x10|s\nids:0b1|s\nids:Infinity|s\nids:9007199254740993|s\n')
    await server.taken(5)
    expect(await server.newest('ids', 'ids')).toEqual(new Set([17]))
    expect(server.dead('refused').length).toBe(4)
  })

  it('says what is wrong with a metric', async () => {
    const server = await listen({ ...config, server: { ...config.server, limits: { maxLineBytes: 50 } } })
    const bad: [string, string[]][] = [
      ['malformed', ['hits', 'hits:1', ':', 'a:1|c:2']],
      [
        'value',
        ['hits:|c', 'hits:x|c', 'hits:nan|g', 'hits:1|c|@0', 'hits:1|c|@2', 'hits:1|c|@x', 'hits:1|ms|@1e-320'],
      ],
      ['name', [':1|c', 'a\u0007:1|c', 'a:1|c|#name:x', 'a;b=c:1|c|#b:d', 'a;b=c:1|c|#b:c']],
      ['unsupported', ['hits:1|q', 'hits:1|', '_e{5,4}:title|text', '_sc|db|0']],
      ['time', ['hits:1|c|T-5']],
      ['tooLong', [`${'x'.repeat(60)}:1|c`]],
    ]
    const lines = bad.flatMap(([, texts]) => texts)
    await sendUdp(server.ports.statsd!, lines.join('\n'), 'hits:1|c')
    await server.taken(lines.length + 2)
    for (const [reason, texts] of bad) expect(server.dead(reason as never).sort(), reason).toEqual([...texts].sort())
    // The first of `a:1|c:2` is sound.
    expect(await server.names('counts')).toEqual(['a', 'hits'])
  })
})
