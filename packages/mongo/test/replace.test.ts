import { type CellValue, type ReplaceBatch, type StoredCell, sameValue } from '@kairos/core/driver'
import { type Fault, startFaultProxy } from '@kairos/driver-tests'
import { describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers, urlWith } from './servers.ts'
import { batchOf, countSchema } from './stores/opening.ts'
import { freshPlace } from './stores/raw.ts'

const numbers = (first: number, length: number): number[] => Array.from({ length }, (_, index) => first + index)
const VALUES = {
  series: (first: number, length: number): CellValue => numbers(first, length),
  histogram: (first: number, length: number): CellValue => new Map(numbers(first, length).map((each) => [each, 2])),
  set: (first: number, length: number): CellValue => new Set(numbers(first, length)),
}
const CELL = { name: 'a', interval: 'minute', bucket: 1, resolutionBucket: 0 }
const RANGE = { names: ['a'], interval: 'minute', range: { first: 0, last: 500 } }

function replacing(...cells: { bucket?: number; value: CellValue | null }[]): ReplaceBatch {
  return { cells: cells.map((cell) => ({ ...CELL, ...cell })), oldestLive: { minute: 0 } }
}

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`replaced cells on ${name}`, () => {
    it.each(['series', 'histogram', 'set'] as const)('of a %s have as many chunks as they need', async (type) => {
      const place = await freshPlace(url!, 'replaced')
      const driver = mongoDriver(place.client, place.options)
      const schema = { ...(await countSchema({ minute: 60 })), type, valueType: 'int', record: `{"type":"${type}"}` }
      const [one, two] = [await driver.open(schema), await driver.open(schema)]
      const values = VALUES[type]
      const whole = async (): Promise<CellValue> => join(await two.store.read(RANGE))
      for (const [length, chunks] of [
        [10, [1, 1]],
        [100_000, [2, 257]],
        [20, [1, 1]],
      ] as const) {
        await one.store.replace!(replacing({ value: values(length, length) }))
        expect(sameValue(await whole(), values(length, length))).toBe(true)
        const documents = await place.collection.countDocuments({ name: 'a' })
        expect(documents).toBeGreaterThanOrEqual(chunks[0])
        expect(documents).toBeLessThanOrEqual(chunks[1])
        // The other store adds to what it may remember differently.
        await two.store.write(batchOf({ change: values(500_000, 5) }))
        const added = join([
          { ...CELL, value: values(length, length) },
          { ...CELL, value: values(500_000, 5) },
        ])
        expect(sameValue(await whole(), added)).toBe(true)
      }
      await one.store.replace!(replacing({ value: null }))
      expect(await place.collection.countDocuments({ name: 'a' })).toBe(0)
      await place.close()
    })

    it('and deleted ones never leave a document empty', async () => {
      const place = await freshPlace(url!, 'empty')
      const { store } = await mongoDriver(place.client, place.options).open(await countSchema({ minute: 60 }))
      await store.write(batchOf(...[60, 61, 119, 120, 200].map((bucket) => ({ bucket }))))
      const documents = (): Promise<number> => place.collection.countDocuments({ name: 'a' })
      await store.replace!(replacing({ bucket: 60, value: null }, { bucket: 61, value: null }))
      expect(await documents()).toBe(3)
      await store.deleteRange({ ...RANGE, range: { first: 100, last: 130 } })
      expect(await documents()).toBe(1)
      await store.deleteRange({ ...RANGE, range: { first: 200, last: 200 } })
      expect(await documents()).toBe(0)
      await place.close()
    })

    it('and returned counts are exact where answers are lost, or in doubt', async () => {
      const place = await freshPlace(url!, 'lost_counts')
      const { hostname, port } = new URL(url!)
      const faults: (Fault | null)[] = [null, 'cut-reply', 'cut-request']
      let requests = 0
      const proxy = await startFaultProxy({
        target: { host: hostname, port: Number(port) },
        decide: (data) =>
          /findAndModify\0|updates\0|deletes\0/.test(Buffer.from(data).toString('latin1'))
            ? faults[requests++ % faults.length]!
            : null,
      })
      const host = `${proxy.host}:${proxy.port}`
      const through = urlWith(url!, { host, directConnection: 'true', retryWrites: 'false' })
      const driver = mongoDriver(through, place.options)
      const { store } = await driver.open(await countSchema({ minute: 60 }))
      let [least, doubts] = [0, 0]
      for (let round = 0; round < 9; round++) {
        const batch = { ...batchOf({}), returning: true }
        try {
          const { counts } = (await store.write(batch)) as { counts: readonly number[] }
          least++
          expect(counts[0]).toBeGreaterThanOrEqual(least)
          expect(counts[0]).toBeLessThanOrEqual(least + doubts)
        } catch (error) {
          const { notApplied, maybeApplied } = error as { notApplied: unknown[]; maybeApplied: unknown[] }
          expect([...notApplied, ...maybeApplied]).toEqual(batch.cells)
          doubts += maybeApplied.length
        }
      }
      expect(least).toBeGreaterThan(0)
      expect(doubts).toBeGreaterThan(0)
      const batch = replacing({ value: 7 }, { bucket: 70, value: null })
      await store.write(batchOf({ bucket: 70 })).catch(() => {})
      for (let attempt = 1; ; attempt++) {
        const failure = await store.replace!(batch).then(
          () => null,
          (error: unknown) => error,
        )
        if (failure === null) break
        expect(failure).toMatchObject({ retry: 'later', notApplied: [], maybeApplied: batch.cells })
        expect(attempt).toBeLessThan(9)
      }
      expect(await store.read(RANGE)).toEqual([{ ...CELL, value: 7, interval: undefined }])
      await driver.close()
      await proxy.close()
      await place.close()
    })
  })
}

function join(parts: readonly Pick<StoredCell, 'value'>[]): CellValue {
  const values = parts.map(({ value }) => value)
  if (values[0] instanceof Map) {
    const sums = new Map<unknown, number>()
    for (const part of values as Map<unknown, number>[])
      for (const [scalar, times] of part) sums.set(scalar, (sums.get(scalar) ?? 0) + times)
    return sums as CellValue
  }
  if (values[0] instanceof Set) return new Set((values as Set<number>[]).flatMap((part) => [...part]))
  return (values as number[][]).flat()
}
