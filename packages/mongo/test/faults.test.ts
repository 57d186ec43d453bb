import { createTimeseries, KairosError } from '@kairos/core'
import type { OriginalType } from '@kairos/core/driver'
import { type Fault, startFaultProxy } from '@kairos/driver-tests'
import { describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers, urlWith } from './servers.ts'
import { freshPlace } from './stores/raw.ts'

const NOW = 1_700_000_000
const NAMES = Array.from({ length: 30 }, (_, index) => `n${index}`)
const BATCHES = 45
/** What is safe to write again is in doubt only once patience has ended, which on a busy machine it does between a few cuts. */
const PATIENCE = 200_000
const TYPES = ['count', 'histogram', 'series', 'set', 'gauge'] as const satisfies readonly OriginalType[]

interface Any {
  insert(name: string, value: unknown): Promise<unknown>
  open(): Promise<unknown>
  bulkInsert(points: Iterable<unknown>): Promise<{ stored: number }>
  get(name: string, interval: string): Promise<Map<number, unknown>>
}

for (const { name, url, sessions } of servers) {
  // All at once, as most of each is core's wait before it tries again.
  describe.skipIf(url === undefined).concurrent(`cut connections on ${name}`, () => {
    for (const retryWrites of sessions ? [true, false] : [false]) {
      for (const type of TYPES) {
        const how = `${type}${retryWrites ? ', the client retries by itself' : ''}`
        it(`${how}: what is stored lies between what was acknowledged and what may have been stored`, {
          timeout: 240_000,
        }, async () => {
          const place = await freshPlace(url!, `cut_${type}`)
          const { hostname, port } = new URL(url!)
          let armed = false
          let decisions = 0
          const faults: (Fault | null)[] = [null, 'cut-reply', null, null, 'cut-request', null, null]
          const proxy = await startFaultProxy({
            target: { host: hostname, port: Number(port) },
            // Writes only: reads, and the client's own requests, pass.
            decide: (data) =>
              armed && Buffer.from(data).includes('updates\0') ? faults[decisions++ % faults.length]! : null,
          })
          // Directly, or the client would learn the address of the server behind the proxy and go there.
          const host = `${proxy.host}:${proxy.port}`
          const through = urlWith(url!, { host, directConnection: 'true', retryWrites: String(retryWrites) })
          const driver = mongoDriver(through, place.options)
          const timeseries = createTimeseries(driver, {
            ...{ type, intervals: { minute: { step: 60 } }, now: () => NOW, patience: PATIENCE },
            ...(type !== 'count' && { valueType: 'int' }),
          } as never) as unknown as Any
          await timeseries.open()
          const outcome = await writeThrough(timeseries, type, () => {
            armed = true
          })
          armed = false
          expect(proxy.faults['cut-reply'] + proxy.faults['cut-request']).toBeGreaterThan(5)

          const direct = createTimeseries(mongoDriver(place.client, place.options), {
            ...{ type, intervals: { minute: { step: 60 } }, now: () => NOW, patience: PATIENCE },
            ...(type !== 'count' && { valueType: 'int' }),
          } as never) as unknown as Any
          for (const name of NAMES) {
            const [value] = [...(await direct.get(name, 'minute')).values()]
            expectBetween(type, value, outcome.acknowledged.get(name)!, outcome.maybe.get(name)!)
          }
          // A server with sessions recognises a repeated write: only two cuts in a row leave a doubt.
          if (retryWrites) expect(outcome.acknowledged.get(NAMES[0]!)).toHaveLength(BATCHES)
          // What may be written twice does not stay in doubt.
          if (type === 'set' || type === 'gauge') expect([...outcome.maybe.values()].flat()).toEqual([])
          await driver.close()
          await proxy.close()
          await place.close()
        })
      }
    }
  })
}

/** Numbers of the batches that were acknowledged, and of those that may have been stored, by name. */
interface Outcome {
  readonly acknowledged: ReadonlyMap<string, number[]>
  readonly maybe: ReadonlyMap<string, number[]>
}

async function writeThrough(timeseries: Any, type: OriginalType, arm: () => void): Promise<Outcome> {
  const acknowledged = new Map(NAMES.map((name) => [name, [] as number[]]))
  const maybe = new Map(NAMES.map((name) => [name, [] as number[]]))
  arm()
  for (let batch = 1; batch <= BATCHES; batch++) {
    const doubted = new Set<string>()
    const refused = new Set<string>()
    try {
      await timeseries.bulkInsert(NAMES.map((name) => ({ name, value: type === 'count' ? 1 : batch })))
    } catch (error) {
      if (!KairosError.is(error)) throw error
      expect(error.code).toBe('KAIROS_STORE_FAILED')
      for (const { name } of error.maybeApplied!) doubted.add(name)
      for (const { name } of error.notApplied!) refused.add(name)
      expect(error.stored).toBe(NAMES.length - doubted.size - refused.size)
    }
    for (const name of NAMES) {
      if (doubted.has(name)) maybe.get(name)!.push(batch)
      else if (!refused.has(name)) acknowledged.get(name)!.push(batch)
    }
  }
  return { acknowledged, maybe }
}

function expectBetween(type: OriginalType, value: unknown, acknowledged: number[], maybe: number[]): void {
  const possible = new Set([...acknowledged, ...maybe])
  if (type === 'count') {
    expect(value).toBeGreaterThanOrEqual(acknowledged.length)
    expect(value).toBeLessThanOrEqual(possible.size)
  } else if (type === 'gauge') {
    expect(value).toBe(Math.max(...acknowledged))
  } else {
    const found =
      type === 'histogram'
        ? [...(value as Map<number, number>)].flatMap(([batch, times]) => Array<number>(times).fill(batch))
        : [...(value as Iterable<number>)]
    // Each at most once, in order where there is one; all that were acknowledged, and none that was not written.
    expect(new Set(found).size).toBe(found.length)
    if (type === 'series') expect(found).toEqual([...found].sort((a, b) => a - b))
    expect(acknowledged.filter((batch) => !found.includes(batch))).toEqual([])
    expect(found.filter((batch) => !possible.has(batch))).toEqual([])
  }
}
