import { createTimeseries, KairosError } from '@kairos/core'
import type { OriginalType, StorageDriver } from '@kairos/core/driver'
import { type Fault, type FaultProxy, startFaultProxy } from '@kairos/driver-tests'
import { expect } from 'vitest'
import { sqlDriver } from '../../src/index.ts'
import { ask, kyselyOf } from './places.ts'

export const TYPES = ['count', 'histogram', 'series', 'set', 'gauge'] as const satisfies readonly OriginalType[]
const NOW = 1_700_000_000
const NAMES = Array.from({ length: 20 }, (_, index) => `n${index}`)
const BATCHES = 40

interface Any {
  open(): Promise<unknown>
  bulkInsert(points: Iterable<unknown>, options?: { signal: AbortSignal }): Promise<{ stored: number }>
  get(name: string, interval: string): Promise<Map<number, unknown>>
}

export interface Faulty {
  readonly timeseries: Any
  /** The same place, without the proxy. */
  readonly direct: Any
  readonly proxy: FaultProxy
}

interface ProxyRequest {
  readonly url: string
  /** Called for each piece that a client sends. */
  decide(text: string): Fault | null
}

interface FaultyRequest extends ProxyRequest {
  readonly type: OriginalType
  /** Default `int`, except for a count. */
  readonly valueType?: string
  /** Makes the driver that goes through the proxy; default `sqlDriver`. */
  create?(url: string, tableName: string): StorageDriver
}

/** A proxy in front of a database, and the URL through it. It does nothing until it is armed, so that logins and opening succeed. */
export async function startProxy({ url, decide }: ProxyRequest) {
  const { hostname, port } = new URL(url)
  let armed = false
  const proxy = await startFaultProxy({
    target: { host: hostname, port: Number(port) },
    decide: (data) => (armed ? decide(Buffer.from(data).toString('latin1')) : null),
  })
  const through = new URL(url)
  through.host = `${proxy.host}:${proxy.port}`
  const arm = (on: boolean): void => {
    armed = on
  }
  return { proxy, through: through.href, arm }
}

/** A timeseries whose connections fail as `decide` says. */
export async function throughProxy(
  {
    url,
    type,
    valueType = 'int',
    decide,
    create = (through, tableName) => sqlDriver(through, { tableName }),
  }: FaultyRequest,
  work: (faulty: Faulty) => Promise<void>,
): Promise<void> {
  const { proxy, through, arm } = await startProxy({ url, decide })
  const tableName = `faults_${type}_${process.pid}_${Date.now().toString(36)}`
  const drivers = [create(through, tableName), sqlDriver(url, { tableName })]
  const config = {
    ...{ type, intervals: { minute: { step: 60 } }, now: () => NOW },
    ...(type !== 'count' && { valueType }),
  }
  const [timeseries, direct] = drivers.map((driver) => createTimeseries(driver, config as never) as unknown as Any)
  await timeseries!.open()
  arm(true)
  await work({ timeseries: timeseries!, direct: direct!, proxy })
  arm(false)
  for (const driver of drivers) await driver.close()
  await proxy.close()
  const { db, close } = await kyselyOf(url)
  await ask(db, `drop table ${tableName}`)
  await ask(db, `delete from kairos_schema where tbl = '${tableName}'`)
  await close()
}

/** Batches are written completely or not at all, so an outcome is a number of batches. */
export interface Outcome {
  readonly acknowledged: ReadonlySet<number>
  readonly maybe: ReadonlySet<number>
}

export async function writeThrough(
  timeseries: Any,
  type: OriginalType,
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

export async function expectOutcome(direct: Any, type: OriginalType, { acknowledged, maybe }: Outcome): Promise<void> {
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
      // Each at most once, all acknowledged ones, and nothing else.
      expect(new Set(found).size).toBe(found.length)
      if (type === 'series') expect(found).toEqual([...found].sort((a, b) => a - b))
      expect([...acknowledged].filter((batch) => !found.includes(batch))).toEqual([])
      expect(found.filter((batch) => !acknowledged.has(batch) && !maybe.has(batch))).toEqual([])
    }
  }
  // A batch is stored whole or not at all.
  for (const value of seen) expect(value).toEqual(seen[0])
}
