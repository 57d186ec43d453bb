import { type CellWrite, registerMerger } from '@kairos/core/driver'
import { describe, expect, it } from 'vitest'
import { sqlDriver } from '../src/index.ts'
import { temporaryFolder } from './support/folder.ts'
import { freshPlaces } from './support/fresh-places.ts'
import { ask, kyselyOf } from './support/places.ts'
import { servers } from './support/servers.ts'
import { cell, schemaOf } from './support/stores.ts'

const folder = temporaryFolder()
const schema = schemaOf({ minute: '{"version":1,"step":60}' }, 'unique')
const live = { minute: Number.MIN_SAFE_INTEGER }
const summaryOf = (value: number, lastAt: number) => ({
  count: 1,
  sum: value,
  min: value,
  max: value,
  last: value,
  lastAt,
})
/** Registers of precision 8 of which one is not 0. */
const register = (index: number, rank = 1): Uint8Array => Uint8Array.of(1, 8, 0, index, rank)
const INDEXES = Array.from({ length: 40 }, (_, index) => index)

for (const { name, skipped, fresh } of freshPlaces(folder, 'sketches')) {
  describe.skipIf(skipped)(`a unique on ${name}`, { timeout: 60_000 }, () => {
    it('keeps the registers of all writers that make and merge the same cells at once', async () => {
      const { url, drop } = await fresh()
      const drivers = [sqlDriver(url), sqlDriver(url)]
      const stores = await Promise.all(drivers.map(async (driver) => (await driver.open(schema)).store))
      const names = ['a', 'b', 'c']
      await Promise.all(
        INDEXES.map((index) =>
          stores[index % 2]!.write({ cells: names.map((each) => cell(each, register(index))), oldestLive: live }).catch(
            // A deadlock or a busy file: core would repeat it.
            () => stores[0]!.write({ cells: names.map((each) => cell(each, register(index))), oldestLive: live }),
          ),
        ),
      )
      const merge = await registerMerger()
      const value = INDEXES.map((index) => register(index)).reduce(merge)
      const range = { first: 1, last: 1 }
      expect(await stores[0]!.read({ names, interval: 'minute', range })).toEqual(
        names.map((each) => ({ name: each, bucket: 1, resolutionBucket: 0, value })),
      )
      for (const driver of drivers) await driver.close()
      await drop()
    })
  })
}

for (const { name, skipped, fresh } of freshPlaces(folder, 'merged')) {
  describe.skipIf(skipped)(`merging on ${name}`, { timeout: 60_000 }, () => {
    const all = { names: ['a', 'b'], interval: 'minute', range: { first: 0, last: 9 }, result: 'value' } as const
    const query = { ...all, groups: { size: 2, from: 0 }, split: false, resolution: false }

    it('adds the bins of a distribution', async () => {
      const { url, drop } = await fresh()
      const driver = sqlDriver(url)
      const { store } = await driver.open(schemaOf({ minute: '{"version":1,"step":60}' }, 'distribution'))
      const bins = (...entries: (readonly [number, number])[]) => new Map(entries)
      const cells = [
        cell('a', bins([-17_000, 1], [16_000, 2]), 1),
        cell('a', bins([16_000, 4]), 2),
        cell('b', bins([16_000, 8], [16_001, 1]), 3),
      ]
      await store.write({ cells, oldestLive: live })
      const place = { name: '', resolutionBucket: 0 }
      expect(await store.merge!(query)).toEqual([
        { ...place, bucket: 0, value: bins([-17_000, 1], [16_000, 2]) },
        { ...place, bucket: 2, value: bins([16_000, 12], [16_001, 1]) },
      ])
      await driver.close()
      await drop()
    })

    it('adds summaries, with the last value by time, or leaves it to core', async () => {
      const { url, drop } = await fresh()
      const driver = sqlDriver(url)
      const { store } = await driver.open(schemaOf({ minute: '{"version":1,"step":60}' }, 'summary'))
      const write = (...cells: CellWrite[]) => store.write({ cells, oldestLive: live })
      const one = { ...query, groups: { starts: [0] } }
      await write(
        cell('a', summaryOf(5, 100.5), 1),
        cell('a', summaryOf(-3, 100.25), 2),
        cell('b', summaryOf(1, -7), 3),
      )
      const total = { count: 3, sum: 3, min: -3, max: 5, last: 5, lastAt: 100.5 }
      const merged = await store.merge!(one)
      if (driver.capabilities.merges?.summary === undefined) expect(merged).toBeNull()
      else expect(merged).toEqual([{ name: '', bucket: 0, resolutionBucket: 0, value: total }])
      // Of two at one moment, core takes that of the name that was asked for last.
      await write(cell('b', summaryOf(9, 100.5), 4))
      expect(await store.merge!(one)).toBeNull()
      await write(cell('b', summaryOf(0.5, 200), 4))
      expect(await store.merge!(one)).toBeNull()
      await driver.close()
      await drop()
    })
  })
}

const [server] = servers.filter(({ url }) => url?.startsWith('postgres'))
describe.skipIf(server === undefined)('a unique on PostgreSQL', () => {
  it('is not written again by a change that adds nothing', async () => {
    const place = freshPlaces(folder, 'repeats').find((each) => each.name === server!.name)!
    const { url, drop } = await place.fresh()
    const { db, close } = await kyselyOf(url)
    const driver = sqlDriver(db)
    const { store } = await driver.open(schema)
    const version = async () => (await ask(db, 'select ctid::text as ctid from "unique"'))[0]?.ctid
    await store.write({ cells: [cell('a', register(1, 3))], oldestLive: live })
    const first = await version()
    await store.write({ cells: [cell('a', register(1, 2))], oldestLive: live })
    expect(await version()).toBe(first)
    await store.write({ cells: [cell('a', register(2))], oldestLive: live })
    expect(await version()).not.toBe(first)
    await close()
    await drop()
  })
})
