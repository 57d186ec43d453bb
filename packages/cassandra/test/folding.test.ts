import { createTimeseries } from '@kairos/core'
import type { Client } from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDriver } from '../src/driver.ts'
import { Folding } from '../src/folding/folding.ts'
import { lanesOf } from '../src/folding/writer-lease.ts'
import { TIMINGS, type Timings } from '../src/timings.ts'
import { startWriter } from './support/processes.ts'
import { rawClient } from './support/raw.ts'
import { SINGLE_URL } from './support/servers.ts'
import { INTERVALS, MOMENT } from './support/writer-process.ts'

const KEYSPACE = 'folding'
/** Folds after a few deltas. The grace is short, since these tests delete nothing meanwhile. */
const EAGER: Timings = { ...TIMINGS, foldEntries: 4, grace: 20 }
/** Writer numbers lapse, and deltas are stale, almost at once. */
const HASTY: Timings = {
  ...EAGER,
  sendWithin: 400,
  staleAfter: 800,
  staleEntries: 2,
  writerLease: 600,
  writerLeaseMargin: 300,
}

interface DeltaRow {
  readonly w: string
  readonly b: number | Buffer | null
  readonly d: readonly Buffer[] | null
}

describe.skipIf(SINGLE_URL === undefined)('folding', () => {
  let client: Client
  beforeAll(() => {
    client = rawClient(SINGLE_URL!)
  })
  afterAll(() => client.shutdown())

  const driverOf = (tableName: string, timings: Timings) =>
    createDriver(SINGLE_URL!, { keyspace: KEYSPACE, replication: 1, tableName }, timings)
  const countsOn = (driver: ReturnType<typeof driverOf>) =>
    createTimeseries(driver, { type: 'count', intervals: INTERVALS })
  const rowsOf = async (tableName: string): Promise<DeltaRow[]> =>
    (await client.execute(`SELECT w, b, d FROM ${KEYSPACE}.${tableName}`)).rows as unknown as DeltaRow[]
  const deltasIn = (rows: readonly DeltaRow[]): number =>
    rows.reduce((sum, { d }) => sum + (d === null ? 0 : d.length), 0)

  it('many writers of one cell: every read in between is plausible, the last one is exact, and few deltas are left', async () => {
    const drivers = Array.from({ length: 4 }, () => driverOf('busy', EAGER))
    const writers = drivers.map(countsOn)
    const [reader] = writers
    await reader!.deleteAll()
    let acknowledged = 0
    let begun = 0
    const impossible: string[] = []
    const write = async (counts: (typeof writers)[number]): Promise<void> => {
      for (let turn = 0; turn < 150; turn++) {
        begun++
        await counts.insert('hot', 1, { timestamp: MOMENT })
        acknowledged++
      }
    }
    let writing = true
    const read = async (): Promise<void> => {
      while (writing) {
        const least = acknowledged
        const [value] = (await reader!.get('hot', 'day', { timestamp: MOMENT })).values()
        if (value! < least || value! > begun) impossible.push(`${value} is not between ${least} and ${begun}`)
      }
    }
    const reading = read()
    await Promise.all([...writers, ...writers].map(write))
    writing = false
    await reading
    expect(impossible).toEqual([])
    const [value] = (await reader!.get('hot', 'day', { timestamp: MOMENT })).values()
    expect(value).toBe(1_200)
    await Promise.all(drivers.map((driver) => driver.close()))
    const rows = await rowsOf('busy')
    expect(rows.length, 'a row for each writer').toBeLessThanOrEqual(4)
    expect(deltasIn(rows), 'of 1,200 deltas').toBeLessThan(300)
  })

  it('killed writers leave their rows to later ones: neither rows nor deltas accumulate', async () => {
    const place = { keyspace: KEYSPACE, replication: 1, tableName: 'killed' }
    const first = driverOf('killed', HASTY)
    const counts = countsOn(first)
    await counts.deleteAll()
    let written = 0
    for (let generation = 0; generation < 4; generation++) {
      const writer = startWriter({
        url: SINGLE_URL!,
        place,
        writer: 0,
        type: 'count',
        names: ['hot'],
        work: 'write',
        pause: 5,
        timings: HASTY,
      })
      await writer.ready
      const before = (await counts.get('hot', 'day', { timestamp: MOMENT })).values().next().value!
      const reached = async (): Promise<number> =>
        (await counts.get('hot', 'day', { timestamp: MOMENT })).values().next().value!
      await expect.poll(reached).toBeGreaterThan(before + 40)
      writer.process.kill('SIGKILL')
      await writer.calls.catch(() => {})
      // Wait until its number has lapsed. By then what it had in flight has arrived, too.
      await new Promise((resolve) => setTimeout(resolve, HASTY.writerLease + HASTY.writerLeaseMargin + 200))
      written = await reached()
    }
    // Usually one. A writer that a busy machine kept from renewing its short lease takes another row, which is right.
    expect((await rowsOf('killed')).length, 'rows after four processes').toBeLessThan(4)
    // A reader folds what the writer did not.
    const value = async (): Promise<number> =>
      (await counts.get('hot', 'day', { timestamp: MOMENT })).values().next().value!
    expect(await value()).toBe(written)
    const deltasAfterRead = async (): Promise<number> => {
      await value()
      return deltasIn(await rowsOf('killed'))
    }
    await expect.poll(deltasAfterRead).toBe(0)
    expect(await value()).toBe(written)
    expect((await rowsOf('killed')).reduce((sum, { b }) => sum + (b as number), 0)).toBe(written)
    await first.close()
  }, 120_000)

  it.each([
    ['summary', (index: number) => index, { count: 80, sum: 3_160, min: 0, max: 79, last: 79, lastAt: MOMENT }],
    ['distribution', (index: number) => index, 80],
    ['unique', (index: number) => `visitor ${index}`, 80],
    ['unique', (index: number) => Array.from({ length: 200 }, (_, visitor) => index * 200 + visitor), 16_000],
  ] as const)(
    'deltas of a %s are folded while they are written, and nothing is lost',
    async (type, written, expected) => {
      const table = `${type}_${typeof written(0)}`
      const drivers = [driverOf(table, EAGER), driverOf(table, EAGER)]
      const options = {
        type,
        ...(type === 'unique' && { valueType: typeof written(0) === 'string' ? 'string' : 'int' }),
      }
      const cells = drivers.map((driver) => createTimeseries(driver, { ...options, intervals: INTERVALS } as never))
      await cells[0]!.deleteAll()
      for (let index = 0; index < 80; index++)
        await cells[index % 2]!.insert('hot', written(index), { timestamp: MOMENT })
      await Promise.all(drivers.map((driver) => driver.close()))
      const rows = await rowsOf(table)
      expect(rows.map(({ b }) => b)).toEqual([expect.any(Buffer), expect.any(Buffer)])
      expect(deltasIn(rows), 'of 80 deltas').toBeLessThan(60)
      const reader = driverOf(table, TIMINGS)
      const reading = createTimeseries(reader, { ...options, intervals: INTERVALS } as never)
      const [found] = (await reading.get('hot', 'day', { timestamp: MOMENT })).values()
      if (type === 'summary') expect(found).toEqual(expected)
      else if (type === 'distribution') expect((found as { readonly count: number }).count).toBe(expected)
      else expect(Math.abs((found as number) / (expected as number) - 1)).toBeLessThan(0.05)
      await reader.close()
    },
  )

  it('nothing is folded past a delta in doubt: its writer uses another row', async () => {
    const folding = new Folding({ strong: false } as never, { now: () => 1_000_000 } as never, TIMINGS)
    const cell = { layout: {}, name: 'n', window: 'day 0', bucket: 1, resolutionBucket: 0, scalar: undefined } as never
    const owner = { lanes: lanesOf('dc.0'), valid: () => true, late: () => false }
    const lost = folding.begin(cell, owner, 1e9 + 1)
    folding.end({ own: lost }, 1e9 + 1, 'inDoubt')
    const next = folding.begin(cell, owner, 1e9 + 2)
    expect(String(next.writer)).toBe('dc.0.1')
    expect(folding.inDoubt).toBe(true)
    // Written again and acknowledged: no longer in doubt.
    folding.end({ own: lost }, 1e9 + 1, 'stored')
    folding.end({ own: next }, 1e9 + 2, 'stored')
    expect(folding.begin(cell, owner, 1e9 + 3).writer.toString()).toBe('dc.0')
  })

  it('rows that get no more deltas are forgotten as fast as batches add new ones', () => {
    const folding = new Folding({ strong: false } as never, { now: () => 1_000_000 } as never, TIMINGS)
    const owner = { lanes: lanesOf('dc.0'), valid: () => true, late: () => false }
    const rowOf = (bucket: number) => {
      const cell = { layout: {}, name: 'n', window: 'day 0', bucket, resolutionBucket: 0, scalar: undefined } as never
      return folding.begin(cell, owner, 1e9 + bucket)
    }
    const [batches, cells] = [40, 2_000]
    const rows = Array.from({ length: batches }, (_, batch) => {
      folding.tidy()
      return Array.from({ length: cells }, (_, index) => rowOf(batch * cells + index))
    }).flat()
    const kept = rows.filter((row, bucket) => rowOf(bucket) === row).length
    expect(kept).toBeLessThanOrEqual(50_000 + 2 * cells)
  })
})
