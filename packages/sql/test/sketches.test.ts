import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { createTimeseries } from '@kairos/core'
import { binPacking, type CellStore, type CellValue, type CellWrite, registerPacking } from '@kairos/core/driver'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type SqlDriver, sqlDriver } from '../src/index.ts'
import type { SketchType } from '../src/values/sketch-codec.ts'
import type { SketchRequest } from './processes/sketch-writer.ts'
import { startChild } from './support/children.ts'
import { temporaryFolder } from './support/folder.ts'
import { freshPlaces } from './support/fresh-places.ts'
import { ask, kyselyOf } from './support/places.ts'
import { cells, heldIn, live, ONE, registers, SKETCHES, sizesOf, writeTo } from './support/sketches.ts'
import { cell, schemaOf } from './support/stores.ts'

const folder = temporaryFolder()
const MINUTE = { minute: '{"version":1,"step":60}' }
const schemas = { distribution: schemaOf(MINUTE, 'distribution'), unique: schemaOf(MINUTE, 'unique') }
const long = process.env.KAIROS_TEST_SIZE === 'long'
const SLACK = 256

/** Which cells a write looks at. */
const look = (which: 'always' | 'never') =>
  vi.spyOn(Math, 'random').mockReturnValue(which === 'always' ? 0 : Number.MAX_VALUE)
afterEach(() => {
  vi.restoreAllMocks()
})

/** Twenty bins or registers of 256, by the number of the write. */
const changes = {
  distribution: (write: number) =>
    new Map(Array.from({ length: 20 }, (_, index) => [((write + index) % 40) * 900 - 18_000, index + 1])),
  unique: (write: number) =>
    registers(Array.from({ length: 20 }, (_, index) => [(write * 7 + index * 11) % 256, 1 + ((write + index) % 50)])),
}

const { join: joinRegisters } = await registerPacking()
const joined: Record<SketchType, (all: readonly CellValue[]) => CellValue> = {
  unique: (all) => joinRegisters(all as Uint8Array[])!,
  distribution(all) {
    const times = new Map<number, number>()
    for (const each of all as ReadonlyMap<number, number>[])
      for (const [bin, count] of each) times.set(bin, (times.get(bin) ?? 0) + count)
    return times
  },
}

for (const { name, skipped, fresh } of freshPlaces(folder, 'sketches')) {
  describe.skipIf(skipped)(`sketches on ${name}`, { timeout: 60_000 }, () => {
    let place: Awaited<ReturnType<typeof fresh>>
    let own: Awaited<ReturnType<typeof kyselyOf>>
    let drivers: SqlDriver[]
    /** Of each type on two drivers. */
    let stores: Record<SketchType, CellStore[]>
    beforeAll(async () => {
      place = await fresh()
      own = await kyselyOf(place.url)
      drivers = [sqlDriver(place.url), sqlDriver(place.url)]
      const open = (type: SketchType) =>
        Promise.all(drivers.map(async (driver) => (await driver.open(schemas[type])).store))
      stores = { distribution: await open('distribution'), unique: await open('unique') }
    })
    afterAll(async () => {
      await own.close()
      for (const driver of drivers) await driver.close()
      await place.drop()
    })

    for (const type of SKETCHES) {
      it(`a ${type} of eight writers at once loses nothing, and stays short`, async () => {
        look('always')
        const [names, rounds, writers] = [['a', 'b'], 8, 8]
        const write = async (writer: number): Promise<void> => {
          for (let round = 0; round < rounds; round++)
            await writeTo(stores[type][writer % 2]!, ...cells(names, changes[type](round * writers + writer)))
        }
        await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))
        const all = Array.from({ length: rounds * writers }, (_, index) => changes[type](index))
        const value = joined[type](all)
        for (const each of names) {
          expect(await heldIn(stores[type][0]!, each)).toEqual(value)
          const { bytes, united } = await sizesOf(own.db, type, each)
          // Each writer may have appended once more before it saw that the cell is long.
          expect(bytes).toBeLessThanOrEqual(united * 1.5 + SLACK + writers * 90)
          expect(united).toBeLessThan(400)
        }
      })

      it(`writes append to a ${type} until one looks at it`, async () => {
        const [store] = stores[type] as [CellStore]
        const change = (write: number): CellValue =>
          type === 'unique' ? registers([[write % 50, 1 + (write % 40)]]) : new Map([[write % 50, 1]])
        look('never')
        const writes = Array.from({ length: 100 }, (_, write) => change(write))
        for (const each of writes) await writeTo(store, cell('long', each))
        expect(await heldIn(store, 'long')).toEqual(joined[type](writes))
        const { bytes, united } = await sizesOf(own.db, type, 'long')
        expect(bytes).toBe((united - 1) * writes.length + 1)
        look('always')
        await writeTo(store, cell('beside', change(1)), cell('long', change(0)))
        const [after, beside] = [await sizesOf(own.db, type, 'long'), await sizesOf(own.db, type, 'beside')]
        expect([after.bytes, beside]).toEqual([after.united, { bytes: united, united }])
        expect(await heldIn(store, 'long')).toEqual(joined[type]([...writes, change(0)]))
      })
    }

    it('bins with all bytes are appended as they are', async () => {
      look('never')
      const [store] = stores.distribution as [CellStore]
      const bins = (times: number) => new Map(Array.from({ length: 256 }, (_, index) => [index, times * (256 + index)]))
      for (let write = 0; write < 2; write++) await writeTo(store, cell('bytes', bins(1)))
      expect(await heldIn(store, 'bytes')).toEqual(bins(2))
      const { bytes, united } = await sizesOf(own.db, 'distribution', 'bytes')
      expect(bytes).toBe(2 * united - 1)
    })

    it('of two changes that overflow together, one is refused, also where both find no cell', async () => {
      const [one, other] = stores.distribution as [CellStore, CellStore]
      const [large, small] = [new Map([[5, 1.2e308]]), new Map([[5, 1]])]
      // In the first rounds, one may be done before the other has a connection.
      for (const round of ['a', 'b', 'c', 'd']) {
        const [both, ...beside] = [`large ${round}`, `one ${round}`, `other ${round}`]
        const write = (store: CellStore, own: string) => writeTo(store, cell(both!, large), cell(own, small))
        const outcomes = await Promise.allSettled([write(one, beside[0]!), write(other, beside[1]!)])
        const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
        expect(refused).toMatchObject([{ reason: { retry: 'never', maybeApplied: [], notApplied: [{ name: both }] } }])
        expect(await heldIn(one, both!)).toEqual(large)
        for (const own of beside) expect(await heldIn(one, own)).toEqual(small)
      }
    })

    it("what the caller's transaction appends and unites is undone with it", async () => {
      look('always')
      const driver = sqlDriver(own.db)
      const { store } = await driver.open(schemas.unique)
      const [first, second] = [registers([[1, 1]]), registers([[2, 2]])]
      await writeTo(store, cell('undone', first))
      const transaction = await own.db.startTransaction().execute()
      const options = { driverOptions: { transaction } }
      for (let write = 0; write < 70; write++)
        await store.write({ cells: [cell('undone', second)], oldestLive: live }, options)
      const [held] = await store.read({ names: ['undone'], ...ONE }, options)
      expect(held!.value).toEqual(joined.unique([first, second]))
      await transaction.rollback().execute()
      expect(await heldIn(store, 'undone')).toEqual(first)
      await driver.close()
    })

    if (long)
      it('killed writers leave all cells of a write, or none', async () => {
        for (let kill = 0; kill < 6; kill++) {
          const child = startChild('sketch-writer.ts', { url: place.url, call: kill * 1_000 } satisfies SketchRequest)
          let acknowledged = 0
          const lines = createInterface(child.stdout!)
          lines.on('line', () => acknowledged++)
          await Promise.race([once(lines, 'line'), once(child, 'exit')])
          while (acknowledged < 40 + kill * 13) await once(lines, 'line')
          child.kill('SIGKILL')
          await once(child, 'close')
          const driver = sqlDriver(place.url, { tableName: 'crash' })
          const times = createTimeseries(driver, { type: 'distribution', intervals: { minute: { step: 60 } } })
          const counts = new Set<number>()
          for (const each of ['a', 'b', 'c']) {
            const [data] = (await times.get(each, 'minute', { timestamp: kill * 60_000 })).values()
            counts.add(data!.count)
          }
          // What was on its way may have been stored, too.
          expect([[acknowledged * 30], [(acknowledged + 1) * 30]]).toContainEqual([...counts])
          await driver.close()
        }
      })
  })
}

describe('a sketch that something else has changed', () => {
  const bytesOf = async (bins: ReadonlyMap<number, number>): Promise<Buffer> => {
    const { mostLength, packInto } = await binPacking()
    const bytes = Buffer.alloc(mostLength(bins) + 4)
    const end = packInto(bins, bytes, 4)
    bytes[0] = 1
    bytes.writeUIntBE(end - 4, 1, 3)
    return bytes.subarray(0, end)
  }

  const damages: Record<string, (whole: Buffer) => Buffer | string> = {
    'without its last byte': (whole) => whole.subarray(0, -1),
    'with only a part of a length': (whole) => Buffer.concat([whole, Buffer.of(0, 0)]),
    'without anything': () => Buffer.alloc(0),
    'without its first byte': (whole) => whole.subarray(1),
    'of another form': (whole) => Buffer.from(whole.map((byte, at) => (at === 0 ? 2 : byte))),
    'with an empty sketch': (whole) => Buffer.concat([whole, Buffer.of(0, 0, 0)]),
    'with a byte more': (whole) => Buffer.concat([whole, Buffer.of(1)]),
    'with another width': (whole) => Buffer.from(whole.map((byte, at) => (at === 4 ? 3 : byte))),
    'with bins in no order': (whole) => Buffer.from(whole.map((byte, at) => (at === 7 ? 255 : byte))),
    'that is a text': () => 'text',
  }
  for (const [what, damage] of Object.entries(damages))
    it(`${what} is refused by reads, appended to without making it whole, and mended by a replacement`, async () => {
      const url = `sqlite:${folder}/damaged.db`
      const driver = sqlDriver(url)
      const { store } = await driver.open(schemas.distribution)
      await store.delete(null)
      const bins = new Map([
        [1, 1],
        [2, 1],
      ])
      await writeTo(store, cell('a', bins), cell('b', bins))
      const { db, close } = await kyselyOf(url)
      const damaged = damage(await bytesOf(bins))
      const literal = typeof damaged === 'string' ? `'${damaged}'` : `X'${damaged.toString('hex')}'`
      await ask(db, `update distribution set value = ${literal} where name = 'a'`)
      const refused = {
        retry: 'never',
        message: expect.stringMatching(/^the distribution of "a" at i_time 1, .*restore/),
      }
      await expect(heldIn(store, 'a')).rejects.toMatchObject(refused)
      look('always')
      for (let write = 0; write < 80; write++) await writeTo(store, cell('a', bins))
      await expect(store.read({ names: ['a', 'b'], ...ONE })).rejects.toMatchObject(refused)
      expect(await heldIn(store, 'b')).toEqual(bins)
      const place = { name: 'a', interval: 'minute', bucket: 1, resolutionBucket: 0 }
      await expect(
        store.replace!({ cells: [{ ...place, value: bins, expected: bins }], oldestLive: live }),
      ).rejects.toMatchObject(refused)
      await store.replace!({ cells: [{ ...place, value: bins }], oldestLive: live })
      expect(await heldIn(store, 'a')).toEqual(bins)
      await close()
      await driver.close()
    })

  it('as registers of another precision is refused', async () => {
    const driver = sqlDriver('sqlite::memory:')
    const { store } = await driver.open(schemas.unique)
    await writeTo(store, cell('a', registers([[1, 1]])))
    await writeTo(store, cell('a', Uint8Array.of(1, 12, 0, 1, 1)))
    await expect(heldIn(store, 'a')).rejects.toMatchObject({ retry: 'never' })
    await driver.close()
  })
})

for (const sqliteModule of ['better-sqlite3', 'node:sqlite'] as const)
  describe(`sketches on SQLite with ${sqliteModule}`, () => {
    it('are refused where text is UTF-16, in which SQLite cuts bytes to an even number', async () => {
      const path = `${folder}/${sqliteModule.replace(':', '-')}-utf16.db`
      const made = new Database(path)
      made.exec("pragma encoding = 'UTF-16le'; create table made (n integer)")
      made.close()
      const driver = sqlDriver(`sqlite:${path}`, { sqliteModule })
      for (const type of SKETCHES)
        await expect(driver.open(schemas[type])).rejects.toMatchObject({
          code: 'KAIROS_INVALID_CONFIG',
          message: expect.stringMatching(/^store must be a database whose encoding is UTF-8/),
        })
      await driver.close()
    })

    it('are appended as they are', async () => {
      const driver = sqlDriver('sqlite::memory:', { sqliteModule })
      const { store } = await driver.open(schemas.distribution)
      // All bytes, and an odd number of them.
      const bins = new Map(Array.from({ length: 256 }, (_, index) => [index - 128, index + 1]))
      for (let write = 0; write < 3; write++) await writeTo(store, cell('a', bins))
      expect(await heldIn(store, 'a')).toEqual(new Map([...bins].map(([bin, times]) => [bin, 3 * times])))
      await driver.close()
    })
  })

const summaryOf = (value: number, lastAt: number) => ({
  count: 1,
  sum: value,
  min: value,
  max: value,
  last: value,
  lastAt,
})

for (const { name, skipped, fresh } of freshPlaces(folder, 'merged')) {
  describe.skipIf(skipped)(`merging on ${name}`, { timeout: 60_000 }, () => {
    const all = { names: ['a', 'b'], interval: 'minute', range: { first: 0, last: 9 }, result: 'value' } as const
    const query = { ...all, groups: { size: 2, from: 0 }, split: false, resolution: false }

    it('adds the bins of a distribution whose times are whole', async () => {
      const { url, drop } = await fresh()
      const driver = sqlDriver(url)
      const { store } = await driver.open(schemas.distribution)
      const bins = (...entries: (readonly [number, number])[]) => new Map(entries)
      await writeTo(
        store,
        cell('a', bins([-17_000, 1], [16_000, 2]), 1),
        cell('a', bins([16_000, 4]), 2),
        cell('b', bins([16_000, 8], [16_001, 1]), 3),
      )
      const place = { name: '', resolutionBucket: 0 }
      expect(await store.merge!(query)).toEqual([
        { ...place, bucket: 0, value: bins([-17_000, 1], [16_000, 2]) },
        { ...place, bucket: 2, value: bins([16_000, 12], [16_001, 1]) },
      ])
      // Core adds fractions such that their order does not show, and reads what is too much in parts.
      await writeTo(store, cell('b', bins([16_000, 0.1]), 5))
      expect(await store.merge!(query)).toBeNull()
      expect(await store.merge!({ ...query, range: { first: 0, last: 1_000_000 } })).toBeNull()
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
