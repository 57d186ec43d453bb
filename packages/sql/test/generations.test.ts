import { join } from 'node:path'
import type { CellStore, OpenedStore } from '@kairos/core/driver'
import { afterAll, describe, expect, it } from 'vitest'
import { sqlDriver } from '../src/index.ts'
import { temporaryFolder } from './support/folder.ts'
import { type FreshPlace, freshPlaces } from './support/fresh-places.ts'
import { cell, namesIn, schemaOf } from './support/stores.ts'

const folder = temporaryFolder()
let tables = 0
const MINUTES = '{"version":1,"step":60}'
const FIVES = '{"version":1,"step":300}'
const ALWAYS = Number.MIN_SAFE_INTEGER
const live = { minute: ALWAYS }
const range = { names: ['a'], interval: 'minute', range: { first: 0, last: 10 } }
const oldest = { minute: 100 }

const [sqlite, ...onServers] = freshPlaces(folder, 'generations')
const places: readonly FreshPlace[] = [
  { ...sqlite!, name: 'SQLite, better-sqlite3' },
  {
    name: 'PGlite',
    skipped: false,
    // One folder, since creating one takes seconds.
    fresh: async () => ({ url: `pglite:${join(folder, 'pglite')}`, drop: async () => {} }),
  },
  ...onServers,
]

for (const { name, skipped, fresh } of places) {
  describe.skipIf(skipped)(`a record that is replaced, on ${name}`, { timeout: 180_000 }, () => {
    const ends: (() => Promise<void>)[] = []
    afterAll(async () => {
      for (const end of ends) await end()
    })

    /** A place, and drivers with separate connections, like other processes: a different timeout makes a different client. */
    async function connect() {
      const place = await fresh()
      const tableName = `generations_${tables++}`
      const drivers = [10_000, 10_001].map((timeout) => sqlDriver(place.url, { timeout, tableName }))
      ends.push(async () => {
        for (const driver of drivers) await driver.close()
        await place.drop()
      })
      const [one, other] = drivers
      return { one: one!, other: other! }
    }

    const calls: readonly (readonly [string, (store: CellStore) => Promise<unknown>])[] = [
      ['a write', (store) => store.write({ cells: [cell('a')], oldestLive: live })],
      ['a bulk write', (store) => store.write({ cells: manyCells(), oldestLive: live })],
      ['a write with an id', (store) => store.write({ cells: [cell('a')], oldestLive: live, id: 'x' })],
      ['a read', (store) => store.read(range)],
      ['a read of many', (store) => store.read({ ...range, names: ['a', 'b'] })],
      ['bounds', (store) => store.bounds(range)],
      ['names', (store) => namesIn(store, live)],
      ['a delete', (store) => store.delete(['a'])],
      ['a sweep', (store) => store.sweep!({ oldestLive: oldest, names: ['a'], limit: 10 })],
      ['a fetch', (store) => store.fetch!(range, () => [])],
    ]

    it.each(['interval', 'schema'] as const)(
      '(%s): a process that opened before is refused, whatever it calls',
      async (what) => {
        const { one, other } = await connect()
        const before = await one.open(schemaOf({ minute: MINUTES }))
        const next = schemaOf(
          { minute: FIVES },
          'count',
          what === 'schema' ? '{"version":1,"type":"count","of":2}' : undefined,
        )
        const replace = what === 'schema' ? before.records : { intervals: before.records.intervals }
        const after = await other.open(next, { replace, oldestLive: live })
        expect(after.records.intervals.minute).toBe(FIVES)
        await after.store.write({ cells: [cell('a', 5)], oldestLive: live })
        for (const [title, call] of calls)
          await expect(call(before.store), title).rejects.toMatchObject({ configChanged: true, retry: 'never' })
        expect(await after.store.read(range)).toMatchObject([{ name: 'a', value: 5 }])
      },
    )

    it.each(calls)('%s of a process with other intervals continues', async (_, call) => {
      const { one, other } = await connect()
      const untouched = await one.open(schemaOf({ minute: MINUTES }))
      const { records } = await other.open(schemaOf({ hour: MINUTES }))
      const replace = { intervals: { hour: records.intervals.hour! } }
      const { records: now } = await other.open(schemaOf({ hour: FIVES }), { replace, oldestLive: { hour: ALWAYS } })
      expect(now.intervals).toEqual({ minute: MINUTES, hour: FIVES })
      await expect(call(untouched.store)).resolves.not.toBeInstanceOf(Error)
    })

    it('a record that covers a live cell stays, with the cell; one whose cells have expired is replaced', async () => {
      const { one, other } = await connect()
      const { store, records } = await one.open(schemaOf({ minute: MINUTES }))
      await store.write({ cells: [cell('a', 1, 5)], oldestLive: live })
      const replace = { intervals: { minute: records.intervals.minute! } }
      const kept = await other.open(schemaOf({ minute: FIVES }), { replace, oldestLive: { minute: 5 } })
      expect(kept.records.intervals.minute).toBe(MINUTES)
      expect(await store.read(range)).toMatchObject([{ bucket: 5 }])
      const replaced = await other.open(schemaOf({ minute: FIVES }), { replace, oldestLive: { minute: 6 } })
      expect(replaced.records.intervals.minute).toBe(FIVES)
      expect(await replaced.store.read(range)).toEqual([])
    })

    it('of a concurrent write and replacement, one is refused', async () => {
      for (let round = 0; round < 8; round++) {
        const { one, other } = await connect()
        const { store, records } = await one.open(schemaOf({ minute: MINUTES }))
        await other.open(schemaOf({ minute: MINUTES }))
        const write = (index: number) => store.write({ cells: [cell(`a${index}`)], oldestLive: live })
        const replacing = other.open(schemaOf({ minute: FIVES }), {
          replace: { intervals: { minute: records.intervals.minute! } },
          oldestLive: live,
        })
        const [replaced, ...writes] = (await Promise.allSettled([replacing, ...[0, 1, 2, 3].map(write)])) as [
          PromiseFulfilledResult<OpenedStore>,
          ...PromiseSettledResult<unknown>[],
        ]
        const acknowledged = writes.filter(({ status }) => status === 'fulfilled').length
        const found = await namesIn(replaced.value.store, live)
        expect(found).toHaveLength(acknowledged)
        expect(replaced.value.records.intervals.minute).toBe(acknowledged === 0 ? FIVES : MINUTES)
      }
    })
  })
}

function manyCells() {
  return Array.from({ length: 1_500 }, (_, index) => cell('a', 1, index))
}
