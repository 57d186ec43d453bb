import { setTimeout as sleep } from 'node:timers/promises'
import { createTimeseries } from '@kairos/core'
import { afterAll, describe, expect, it } from 'vitest'
import { findCassandraNode, startCassandraNode } from '../../../scripts/servers/cassandra.ts'
import { createDriver } from '../src/driver.ts'
import { describeKit } from './support/kit.ts'
import { boundsOf, startWriter, type Writer } from './support/processes.ts'
import { RING_URL } from './support/servers.ts'
import {
  BUSY_TIMINGS,
  type Call,
  INTERVALS,
  MOMENT,
  type WriterRequest,
  type WrittenType,
} from './support/writer-process.ts'

const PLACE = { keyspace: `ring_${Date.now().toString(36)}`, replication: 3 }
/** Longer runs find rarer faults: KAIROS_TEST_SIZE=long. */
const LONG = process.env.KAIROS_TEST_SIZE === 'long'
const WRITES = LONG ? 1_500 : 60

/** How much writes have added, in what a read returns. */
function countIn(data: unknown): number {
  return typeof data === 'number' ? data : ((data as { readonly count: number } | null)?.count ?? 0)
}

// All in one file, so that nothing else uses the ring while its nodes are killed.
describe.skipIf(RING_URL === undefined)('a ring of three, three replicas', () => {
  const url = RING_URL ?? ''
  const port = Number(/:(\d+)/.exec(url)?.[1])
  // The other groups run against one node; on three nodes and two cores they took ten minutes, so only the long size has them.
  describeKit(url, 3, ['concurrency', 'faults'])

  const stopped: number[] = []
  afterAll(() => {
    for (const pid of stopped.splice(0)) process.kill(pid, 'SIGCONT')
  })

  /** Runs these writers while something is done to the ring; resolves to all calls, and to what is stored of each name in the end. */
  async function withWriters(
    tableName: string,
    type: WrittenType,
    requests: readonly Omit<WriterRequest, 'url' | 'place' | 'type'>[],
    meanwhile: (writers: readonly (Writer & Pick<WriterRequest, 'work'>)[]) => Promise<void>,
  ): Promise<{ writes: Call[]; deletes: Call[]; stored(name: string): number }> {
    const place = { ...PLACE, tableName }
    const driver = createDriver(url, { ...place, consistency: 'quorum' }, BUSY_TIMINGS)
    const counts = createTimeseries(driver, { type, intervals: INTERVALS })
    await counts.open()
    const writers = requests.map((request) => ({ ...request, ...startWriter({ ...request, type, url, place }) }))
    await Promise.all(writers.map(({ ready }) => ready))
    await meanwhile(writers)
    for (const writer of writers) writer.end()
    const calls = await Promise.all(writers.map(async ({ work, calls: made }) => ({ work, made: await made })))
    const of = (work: 'write' | 'delete'): Call[] =>
      calls.filter((each) => each.work === work).flatMap(({ made }) => made)
    const stored = new Map<string, number>()
    for (const name of new Set(requests.flatMap(({ names }) => names)))
      stored.set(name, countIn((await counts.get(name, 'day', { timestamp: MOMENT })).values().next().value))
    await counts.close()
    await driver.close()
    return { writes: of('write'), deletes: of('delete'), stored: (name) => stored.get(name)! }
  }

  /**
   * Waits until all nodes consider each other alive, as far as a dozen writes to all of them show: a write that needs a node known to be down does not
   * even time out, it is rejected.
   */
  async function untilWhole(): Promise<void> {
    const driver = createDriver(url, { ...PLACE, tableName: 'whole', consistency: 'all' }, BUSY_TIMINGS)
    const gauge = createTimeseries(driver, { type: 'gauge', intervals: INTERVALS })
    await gauge.open()
    for (let successes = 0; successes < 12; ) {
      const written = await gauge.insert('whole', 1, { timestamp: MOMENT }).then(
        () => true,
        () => false,
      )
      successes = written ? successes + 1 : 0
      if (!written) await sleep(200)
    }
    await gauge.close()
    await driver.close()
  }

  it.each(LONG ? (['count', 'summary', 'distribution'] as const) : (['count'] as const))(
    '8 processes write to a %s, another deletes, a node is killed and comes back: nothing is lost, doubled or resurrected',
    async (type) => {
      await untilWhole()
      const common = { work: 'write', pause: 15 } as const
      const deleted = ['deleted once', 'deleted plain']
      const { writes, deletes, stored } = await withWriters(
        `killed_${type}`,
        type,
        [
          ...[1, 2, 3, 4, 5].map((writer) => ({
            ...common,
            writer,
            names: ['once', 'deleted once'],
            delivery: 'once' as const,
          })),
          ...[6, 7, 8].map((writer) => ({ ...common, writer, names: ['plain', 'deleted plain'] })),
          { ...common, work: 'delete', writer: 9, names: deleted, pause: 400 },
        ],
        async (writers) => {
          const eachMakes = (count: number) =>
            Promise.all(writers.map(({ work, makes }) => makes(work === 'write' ? count : 2, 'done')))
          await eachMakes(40)
          const node = findCassandraNode(port, 2)!
          process.kill(node.pid, 'SIGKILL')
          await eachMakes(40)
          await startCassandraNode(node.folder, 2)
          await eachMakes(WRITES)
        },
      )
      const withRetries = writes.filter(({ name }) => name.endsWith('once'))
      expect(withRetries.filter(({ outcome }) => outcome !== 'done')).toEqual([])
      expect(deletes.filter(({ outcome }) => outcome === 'done').length).toBeGreaterThan(3)
      const acknowledged = withRetries.filter(({ name }) => name === 'once').reduce((sum, { value }) => sum + value, 0)
      expect(stored('once')).toBe(acknowledged)
      for (const name of ['once', 'plain', ...deleted]) {
        const { least, most } = boundsOf(name, writes, deletes)
        expect(stored(name), `${name}: least, of ${writes.length} writes`).toBeGreaterThanOrEqual(least)
        expect(stored(name), `${name}: most, of ${writes.length} writes`).toBeLessThanOrEqual(most)
      }
    },
    300_000,
  )

  it('two nodes hang: writes time out, are reported correctly or repeated, and nothing counts twice', async () => {
    await untilWhole()
    const common = { work: 'write', pause: 10 } as const
    // Below and above the servers' time limit: first the client gives up, then a server does.
    const impatient = { ...common, readTimeout: 2_500 }
    const patient = { ...common, readTimeout: 20_000 }
    const { writes, stored } = await withWriters(
      'stopped',
      'count',
      [
        { ...impatient, writer: 1, names: ['once'], delivery: 'once' },
        { ...impatient, writer: 2, names: ['plain'] },
        { ...patient, writer: 3, names: ['plain'] },
      ],
      async (writers) => {
        const eachMakes = (count: number) => Promise.all(writers.map(({ makes }) => makes(count, 'done')))
        await eachMakes(20)
        for (const node of [2, 3]) {
          const { pid } = findCassandraNode(port, node)!
          process.kill(pid, 'SIGSTOP')
          stopped.push(pid)
        }
        await writers[1]!.makes(1, 'maybeApplied')
        for (const pid of stopped.splice(0)) process.kill(pid, 'SIGCONT')
        await eachMakes(20)
      },
    )
    const inDoubt = writes.filter(({ outcome }) => outcome === 'maybeApplied')
    expect(inDoubt.length, 'writes that were never answered').toBeGreaterThan(0)
    expect(inDoubt.filter(({ name }) => name === 'once')).toEqual([])
    for (const name of ['once', 'plain']) {
      const { least, most } = boundsOf(name, writes, [])
      expect(stored(name)).toBeGreaterThanOrEqual(least)
      expect(stored(name)).toBeLessThanOrEqual(most)
    }
    const { least, most } = boundsOf('once', writes, [])
    expect(least).toBe(most)
  }, 300_000)
})
