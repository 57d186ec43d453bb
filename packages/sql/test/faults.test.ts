import { createTimeseries, KairosError, type TimeseriesType } from '@kairos/core'
import { type Fault, startFaultProxy } from '@kairos/driver-tests'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sqlDriver } from '../src/index.ts'
import type { WriterAnswer } from './processes/writer.ts'
import { runChild } from './support/children.ts'
import { ask, freshDatabase, isPostgres, kyselyOf } from './support/places.ts'
import { servers } from './support/servers.ts'

const NOW = 1_700_000_000
const TYPES = ['count', 'histogram', 'series', 'set', 'gauge'] as const satisfies readonly TimeseriesType[]
const NAMES = Array.from({ length: 20 }, (_, index) => `n${index}`)
const BATCHES = 40
const PROCESSES = 8
const KEYS = 400

interface Any {
  open(): Promise<unknown>
  bulkInsert(points: Iterable<unknown>, options?: { signal: AbortSignal }): Promise<{ stored: number }>
  get(name: string, interval: string): Promise<Map<number, unknown>>
}

// A connection that dies is also told as an event: unheard, it would end the process, and vitest with it.
const rejections: unknown[] = []
const onRejection = (reason: unknown): void => {
  rejections.push(reason)
}
beforeAll(() => {
  process.on('unhandledRejection', onRejection)
})
afterAll(() => {
  process.off('unhandledRejection', onRejection)
  expect(rejections).toEqual([])
})

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`faults on ${name}`, { timeout: 240_000 }, () => {
    it('connections are killed under 8 processes: what is stored lies between what was acknowledged and what may have been', async () => {
      const place = await freshDatabase(url!, 'killed')
      const { db, close } = await kyselyOf(url!)
      const database = new URL(place.url).pathname.slice(1)
      let ending = false
      let kills = 0
      const killer = (async () => {
        while (!ending) {
          if (await killOne(db, database, isPostgres(url!))) kills++
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
      })()
      const answers = await Promise.all(
        Array.from({ length: PROCESSES }, (_, writer) =>
          runChild<WriterAnswer>('writer.ts', { url: place.url, writer, batches: 100, keys: KEYS }),
        ),
      )
      ending = true
      await killer
      await close()

      const driver = sqlDriver(place.url, { tableName: 'shared' })
      const counts = createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60 } } })
      let stored = 0
      for (let index = 0; index < 20; index++) {
        const sums = await counts.series(`n${index}`, 'minute', { start: 0, end: (KEYS / 20 - 1) * 60 })
        for (const sum of sums.values()) stored += sum
      }
      const sum = (of: (answer: WriterAnswer) => number): number =>
        answers.reduce((total, answer) => total + of(answer), 0)
      const acknowledged = sum((answer) => answer.acknowledged)
      expect(kills).toBeGreaterThan(10)
      expect(acknowledged).toBeGreaterThan(0)
      expect(stored).toBeGreaterThanOrEqual(acknowledged)
      expect(stored).toBeLessThanOrEqual(acknowledged + sum((answer) => answer.maybeApplied))
      await driver.close()
      await place.drop()
    })

    for (const type of TYPES) {
      it(`${type}: requests and answers are cut: the bound holds for every name`, async () => {
        const faults: (Fault | null)[] = [null, 'cut-reply', null, null, 'cut-request', null, null]
        let decisions = 0
        await throughProxy(
          url!,
          type,
          () => faults[decisions++ % faults.length]!,
          async ({ timeseries, direct, proxy }) => {
            const outcome = await writeThrough(timeseries, type)
            expect(proxy.faults['cut-reply']).toBeGreaterThan(3)
            expect(proxy.faults['cut-request']).toBeGreaterThan(3)
            await expectOutcome(direct, type, outcome)
            // What cannot be told from twice is simply written again.
            if (type === 'set' || type === 'gauge') expect(outcome.maybe.size).toBe(0)
          },
        )
      })
    }

    it('an answer that never comes: the signal ends the call, which tells what is in doubt', async () => {
      const controllers: AbortController[] = []
      let writes = 0
      const decide = (): Fault | null => {
        if (writes++ % 4 !== 1) return null
        setTimeout(() => controllers.at(-1)!.abort(), 50)
        return 'stall'
      }
      await throughProxy(url!, 'count', decide, async ({ timeseries, direct, proxy }) => {
        const outcome = await writeThrough(timeseries, 'count', 12, () => {
          const controller = new AbortController()
          controllers.push(controller)
          return controller.signal
        })
        expect(proxy.faults.stall).toBe(3)
        expect(outcome.maybe.size).toBe(3)
        // Cut only now, so that nothing but the signal can have ended the calls.
        proxy.release()
        await expectOutcome(direct, 'count', outcome)
      })
    })
  })
}

async function killOne(db: Parameters<typeof ask>[0], database: string, postgres: boolean): Promise<boolean> {
  if (postgres) {
    const rows = await ask(
      db,
      `select pg_terminate_backend(pid) from (select pid from pg_stat_activity where datname = '${database}' order by random() limit 1) a`,
    )
    return rows.length > 0
  }
  const [row] = await ask(
    db,
    `select id as id from information_schema.processlist where db = '${database}' order by rand() limit 1`,
  )
  if (row === undefined) return false
  // It may have ended by itself.
  return ask(db, `kill ${Number(row.id)}`).then(
    () => true,
    () => false,
  )
}

interface Faulty {
  readonly timeseries: Any
  /** The same place, not through the proxy. */
  readonly direct: Any
  readonly proxy: Awaited<ReturnType<typeof startFaultProxy>>
}

async function throughProxy(
  url: string,
  type: TimeseriesType,
  decide: () => Fault | null,
  work: (faulty: Faulty) => Promise<void>,
): Promise<void> {
  const { hostname, port } = new URL(url)
  const proxy = await startFaultProxy({
    target: { host: hostname, port: Number(port) },
    // Writes only: log-ins may pass.
    decide: (data) => (armed && Buffer.from(data).includes('insert into') ? decide() : null),
  })
  let armed = false
  const through = new URL(url)
  through.host = `${proxy.host}:${proxy.port}`
  const tableName = `faults_${type}_${process.pid}_${Date.now().toString(36)}`
  const drivers = [sqlDriver(through.href, { tableName }), sqlDriver(url, { tableName })]
  const config = {
    ...{ type, intervals: { minute: { step: 60 } }, now: () => NOW },
    ...(type !== 'count' && { valueType: 'int' }),
  }
  const [timeseries, direct] = drivers.map((driver) => createTimeseries(driver, config as never) as unknown as Any)
  await timeseries!.open()
  armed = true
  await work({ timeseries: timeseries!, direct: direct!, proxy })
  armed = false
  for (const driver of drivers) await driver.close()
  await proxy.close()
  const { db, close } = await kyselyOf(url)
  await ask(db, `drop table ${tableName}`)
  await ask(db, `delete from kairos_schema where tbl = '${tableName}'`)
  await close()
}

/** Batches are written whole, so that an outcome is the numbers of batches: all cells of one have the same fate. */
interface Outcome {
  readonly acknowledged: ReadonlySet<number>
  readonly maybe: ReadonlySet<number>
}

async function writeThrough(
  timeseries: Any,
  type: TimeseriesType,
  batches = BATCHES,
  signal?: () => AbortSignal,
): Promise<Outcome> {
  const acknowledged = new Set<number>()
  const maybe = new Set<number>()
  for (let batch = 1; batch <= batches; batch++) {
    try {
      const points = NAMES.map((name) => ({ name, value: type === 'count' ? 1 : batch }))
      await timeseries.bulkInsert(points, ...(signal === undefined ? [] : [{ signal: signal() }]))
      acknowledged.add(batch)
    } catch (error) {
      if (!KairosError.is(error)) throw error
      expect(['KAIROS_STORE_FAILED', 'KAIROS_ABORTED']).toContain(error.code)
      expect(error.stored).toBe(0)
      expect([0, NAMES.length]).toContain(error.maybeApplied!.length)
      if (error.maybeApplied!.length > 0) maybe.add(batch)
    }
  }
  expect(acknowledged.size).toBeGreaterThan(0)
  return { acknowledged, maybe }
}

async function expectOutcome(direct: Any, type: TimeseriesType, { acknowledged, maybe }: Outcome): Promise<void> {
  const seen: unknown[] = []
  for (const name of NAMES) {
    const [value] = [...(await direct.get(name, 'minute')).values()]
    seen.push(value)
    if (type === 'count') {
      expect(value).toBeGreaterThanOrEqual(acknowledged.size)
      expect(value).toBeLessThanOrEqual(acknowledged.size + maybe.size)
    } else if (type === 'gauge') expect(value).toBe(Math.max(...acknowledged))
    else {
      const found =
        type === 'histogram'
          ? [...(value as Map<number, number>)].flatMap(([batch, times]) => Array<number>(times).fill(batch))
          : [...(value as Iterable<number>)]
      // Each at most once, all that were acknowledged, and none that nobody wrote.
      expect(new Set(found).size).toBe(found.length)
      if (type === 'series') expect(found).toEqual([...found].sort((a, b) => a - b))
      expect([...acknowledged].filter((batch) => !found.includes(batch))).toEqual([])
      expect(found.filter((batch) => !acknowledged.has(batch) && !maybe.has(batch))).toEqual([])
    }
  }
  // A batch is stored whole or not at all.
  for (const value of seen) expect(value).toEqual(seen[0])
}
