import { createTimeseries, KairosError } from '@kairos/core'
import { type FaultProxy, startFaultProxy } from '@kairos/driver-tests'
import type { Client } from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseUrl } from '../src/connection/url.ts'
import { cassandraDriver } from '../src/index.ts'
import { rawClient } from './support/raw.ts'
import { SINGLE_URL } from './support/servers.ts'

const KEYSPACE = 'faults'
const INSERTS = 600
const CALLERS = 8
const MOMENT = 1_700_006_400

const sizeOfCount = (stored: unknown): number => (stored as { readonly count: number }).count

/** The same numbers from 0 to 1 in each run: which answers are cut depends only on the order in which packets arrive. */
function randomsOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

describe.skipIf(SINGLE_URL === undefined)('answers that are cut off', () => {
  let client: Client
  let proxy: FaultProxy
  let faulty = false
  beforeAll(async () => {
    client = rawClient(SINGLE_URL!)
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(parseUrl(SINGLE_URL!).hosts[0]!)!
    const random = randomsOf(1)
    proxy = await startFaultProxy({
      target: { host, port: Number(port) },
      decide: () => (faulty && random() < 0.05 ? 'cut-reply' : null),
    })
  })
  afterAll(async () => {
    await proxy.close()
    await client.shutdown()
  })

  it.each([
    ['count', (stored: unknown) => stored as number],
    ['histogram', (stored: unknown) => (stored as ReadonlyMap<unknown, number>).get(1) ?? 0],
    ['gauge', undefined],
    ['set', (stored: unknown) => (stored as ReadonlySet<unknown>).size],
    ['series', (stored: unknown) => (stored as readonly unknown[]).length],
    // Deltas, as counts are.
    ...(process.env.KAIROS_TEST_SIZE === 'long'
      ? ([
          ['summary', sizeOfCount],
          ['distribution', sizeOfCount],
          ['unique', (stored: unknown) => stored as number],
        ] as const)
      : []),
  ] as const)(
    'of 600 inserts into a %s, nearly all are acknowledged, and those are stored',
    async (type, sizeOf) => {
      const options = { keyspace: KEYSPACE, replication: 1, tableName: `cut_${type}` }
      const rejections: unknown[] = []
      const warnings: string[] = []
      const onRejection = (reason: unknown): number => rejections.push(reason)
      const onWarning = ({ name, message }: Error): number => warnings.push(`${name}: ${message}`)
      process.on('unhandledRejection', onRejection).on('warning', onWarning)
      const driver = cassandraDriver(`cassandra://${proxy.host}:${proxy.port}`, options)
      const timeseries = createTimeseries(driver, { type, intervals: { day: { step: 'daily' } } })
      // Tables are made first, which takes long on a busy machine.
      await timeseries.open({ patience: 60_000 })
      await timeseries.deleteAll()
      const outcomes = { acknowledged: 0, notApplied: 0, inDoubt: 0 }
      let next = 0
      const insert = async (): Promise<void> => {
        while (next < INSERTS) {
          const value = next++
          const written = type === 'unique' ? `visitor ${value}` : type === 'count' || type === 'histogram' ? 1 : value
          try {
            await timeseries.insert('a', written, { timestamp: MOMENT })
            outcomes.acknowledged++
          } catch (error) {
            if (!KairosError.is(error)) throw error
            if (error.maybeApplied?.length === 0) outcomes.notApplied++
            else outcomes.inDoubt++
          }
        }
      }
      faulty = true
      await Promise.all(Array.from({ length: CALLERS }, insert))
      faulty = false
      const { acknowledged, inDoubt } = outcomes
      expect(proxy.faults['cut-reply']).toBeGreaterThan(10)
      expect(acknowledged, JSON.stringify(outcomes)).toBeGreaterThanOrEqual(550)
      const reading = cassandraDriver(SINGLE_URL!, options)
      const reader = createTimeseries(reading, { type, intervals: { day: { step: 'daily' } } })
      await reader.open({ patience: 60_000 })
      const [stored] = (await reader.get('a', 'day', { timestamp: MOMENT })).values()
      if (sizeOf !== undefined) {
        expect(sizeOf(stored)).toBeGreaterThanOrEqual(acknowledged)
        expect(sizeOf(stored)).toBeLessThanOrEqual(acknowledged + inDoubt)
      }
      await driver.close()
      await reading.close()
      process.off('unhandledRejection', onRejection).off('warning', onWarning)
      expect(rejections).toEqual([])
      expect(warnings).toEqual([])
    },
    120_000,
  )
})
