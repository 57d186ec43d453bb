import { type CellStore, compareCodePoints, type ReplaceBatch } from '@kairos/core/driver'
import type { Fault } from '@kairos/driver-tests'
import { describe, expect, it } from 'vitest'
import { sqlDriver } from '../src/index.ts'
import { orderedCodec } from '../src/values/ordered-codec.ts'
import { startProxy } from './support/faulty.ts'
import { temporaryFolder } from './support/folder.ts'
import { freshPlaces } from './support/fresh-places.ts'
import { ask, kyselyOf } from './support/places.ts'
import { servers } from './support/servers.ts'
import { cell, namesIn, schemaOf } from './support/stores.ts'

const folder = temporaryFolder()
let files = 0
const schema = schemaOf({ minute: '{"version":1,"step":60}' })
const live = { minute: Number.MIN_SAFE_INTEGER }
const query = { names: ['a'], interval: 'minute', range: { first: 0, last: 10 } }
const place = { name: 'a', interval: 'minute', bucket: 1, resolutionBucket: 0 }
const replacing = (value: number | null, expected?: number): ReplaceBatch => ({
  cells: [{ ...place, value, ...(expected !== undefined && { expected }) }],
  oldestLive: live,
})
const REFUSED = { configChanged: true, retry: 'never' }

const places = freshPlaces(folder, 'contract')

for (const { name, skipped, fresh } of places) {
  describe.skipIf(skipped)(`the contract on ${name}`, { timeout: 60_000 }, () => {
    it("in the caller's transaction, every call sees what was written in it, and is undone with it", async () => {
      const { url, drop } = await fresh()
      const { db, close } = await kyselyOf(url)
      const driver = sqlDriver(db)
      const { store } = await driver.open(schema)
      await store.write({ cells: [cell('a', 5)], oldestLive: live })
      const rolledBack = new Error('rolled back')
      const work = db.transaction().execute(async (transaction) => {
        const options = { driverOptions: { transaction } }
        const receipt = await store.write(
          { cells: [cell('a', 2), cell('b', 1)], oldestLive: live, returning: true },
          options,
        )
        expect(receipt).toEqual({ counts: [7, 1] })
        expect((await store.names({ oldestLive: live, limit: 9 }, options)).names).toEqual(['a', 'b'])
        expect(await store.replace!(replacing(20, 7), options)).toEqual({ unexpected: [] })
        const merged = {
          ...query,
          result: 'value',
          groups: { size: 1, from: 0 },
          split: false,
          resolution: false,
        } as const
        expect(await store.merge!(merged, options)).toMatchObject([{ bucket: 1, value: 20 }])
        await store.deleteRange({ ...query, names: ['a', 'b'] }, options)
        expect((await store.names({ oldestLive: live, limit: 9 }, options)).names).toEqual([])
        const dropping = store.drop!(null, options)
        if (url.startsWith('mysql') || url.startsWith('mariadb'))
          await expect(dropping).rejects.toMatchObject({
            retry: 'never',
            message: expect.stringContaining('without a transaction'),
          })
        else {
          await dropping
          await expect(store.read(query, options)).rejects.toMatchObject(REFUSED)
        }
        throw rolledBack
      })
      await expect(work).rejects.toBe(rolledBack)
      expect(await store.read(query)).toMatchObject([{ value: 5 }])
      expect(await namesIn(store, live)).toEqual(['a'])
      await driver.close()
      await close()
      await drop()
    })

    it('what was dropped stays refused, also once it is there again; a table that others dropped is a failure', async () => {
      const { url, drop } = await fresh()
      const driver = sqlDriver(url)
      const [one, other] = [(await driver.open(schema)).store, (await driver.open(schema)).store]
      await one.write({ cells: [cell('a', 1)], oldestLive: live })
      await one.drop!(null)
      const { store } = await driver.open(schema)
      for (const gone of [one, other]) {
        await expect(gone.write({ cells: [cell('a', 1)], oldestLive: live })).rejects.toMatchObject(REFUSED)
        await expect(gone.drop!(null)).rejects.toMatchObject(REFUSED)
      }
      expect(await store.read(query)).toEqual([])
      const { db, close } = await kyselyOf(url)
      await ask(db, `drop table ${/^m/.test(url) ? '`count`' : '"count"'}`)
      const failure: unknown = await store.read(query).catch((error: unknown) => error)
      expect(failure).toMatchObject({ retry: 'never', message: expect.stringMatching(/count/) })
      expect(failure).not.toHaveProperty('configChanged')
      await store.drop!(null)
      expect(await driver.discover!()).toEqual([])
      await driver.close()
      await close()
      await drop()
    })

    it('names with characters that the database would lose are in their order', async () => {
      const { url, drop } = await fresh()
      const driver = sqlDriver(url)
      const { store } = await driver.open(schema)
      const names = ['', 'a'].flatMap((head) =>
        [
          '\0',
          '\0b',
          '\u0001',
          '\u0002',
          '\u0001\0',
          ' ',
          'b',
          '\ufefe',
          '\ufeff',
          '\ufefex',
          '\ufeffx',
          '\uff00',
          '\uffff',
          '🙂',
        ].map((tail) => head + tail),
      )
      await store.write({ cells: names.map((each) => cell(each)), oldestLive: live })
      const sorted = [...names].sort(compareCodePoints)
      expect(await namesIn(store, live)).toEqual(sorted)
      for (const prefix of names) {
        const { names: found } = await store.names({ oldestLive: live, limit: 99, prefix })
        expect(found).toEqual(sorted.filter((each) => each.startsWith(prefix)))
        const { names: later } = await store.names({ oldestLive: live, limit: 99, after: prefix })
        expect(later).toEqual(sorted.filter((each) => compareCodePoints(each, prefix) > 0))
      }
      await driver.close()
      await drop()
    })
  })
}

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`lost answers on ${name}`, { timeout: 60_000 }, () => {
    /** Opens a store whose connection breaks once, after a statement with this text was answered. */
    async function losing(text: string, work: (store: CellStore) => Promise<void>): Promise<void> {
      let lost = false
      const decide = (sent: string): Fault | null => {
        // `commit`, and not `read committed`.
        if (lost || !new RegExp(`\\b${text}\\b`).test(sent)) return null
        lost = true
        return 'cut-reply'
      }
      const { proxy, through, arm } = await startProxy({ url: url!, decide })
      const tableName = `lost_${process.pid}_${files++}`
      const driver = sqlDriver(through, { tableName })
      const { store } = await driver.open(schema)
      await store.write({ cells: [cell('a', 5)], oldestLive: live })
      arm(true)
      await work(store)
      expect(lost).toBe(true)
      await driver.close()
      const direct = sqlDriver(url!, { tableName })
      await (await direct.open(schema)).store.drop!(null)
      await direct.close()
      await proxy.close()
    }

    it('of a returned count: the cell is in doubt', async () => {
      const cells = [cell('a', 2)]
      await losing(/postgres/.test(url!) ? 'returning' : 'commit', async (store) => {
        const failure = store.write({ cells, oldestLive: live, returning: true })
        await expect(failure).rejects.toMatchObject({ retry: 'later', maybeApplied: cells, notApplied: [] })
        expect(await store.read(query)).toMatchObject([{ value: 7 }])
      })
    })

    it('of a replacement: the cell is in doubt, and no longer as expected', async () => {
      await losing('commit', async (store) => {
        const batch = replacing(20, 5)
        await expect(store.replace!(batch)).rejects.toMatchObject({ retry: 'later', maybeApplied: batch.cells })
        expect(await store.replace!(batch)).toEqual({ unexpected: batch.cells })
        expect(await store.read(query)).toMatchObject([{ value: 20 }])
      })
    })

    it('of a delete: repeated, nothing is left', async () => {
      await losing('delete from', async (store) => {
        await expect(store.deleteRange(query)).rejects.toMatchObject({ retry: 'later' })
        await store.deleteRange(query)
        expect(await store.read(query)).toEqual([])
      })
    })

    it('of a drop: repeated, it resolves, and the store is refused', async () => {
      await losing(/postgres/.test(url!) ? 'commit' : 'drop table', async (store) => {
        await expect(store.drop!(null)).rejects.toMatchObject({ retry: 'later' })
        await store.drop!(null)
        await expect(store.read(query)).rejects.toMatchObject(REFUSED)
      })
    })
  })
}

describe('orderedCodec', () => {
  it.each([true, false])(
    'keeps strings apart, in their order, and prefixes prefixes (leadingMark: %s)',
    (leadingMark) => {
      const codec = orderedCodec({ leadingMark })
      const letters = ['\0', '\u0001', '0', '1', 'a', 'b', '\ufefe', '\ufeff', '\uffff', '🙂']
      const texts = [
        '',
        ...letters,
        ...letters.flatMap((one) => letters.flatMap((two) => [one + two, one + two + one])),
      ]
      const sorted = texts.sort(compareCodePoints)
      const encoded = sorted.map(codec.encode)
      expect(encoded.map(codec.decode)).toEqual(sorted)
      expect([...encoded].sort(compareCodePoints)).toEqual(encoded)
      for (const text of encoded) expect(text).not.toMatch(leadingMark ? /\0|^\ufeff/ : /\0/)
      for (const letter of letters)
        expect(encoded.filter((text) => text.startsWith(codec.encode(letter))).map(codec.decode)).toEqual(
          sorted.filter((text) => text.startsWith(letter)),
        )
    },
  )
})
