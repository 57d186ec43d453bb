import { join } from 'node:path'
import { createTimeseries } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { sqlDriver } from '../src/index.ts'
import { temporaryFolder } from './support/folder.ts'
import { servers } from './support/servers.ts'

const folder = temporaryFolder()
const places = [
  { name: 'SQLite', url: `sqlite:${join(folder, 'a.db')}` },
  { name: 'PGlite', url: `pglite:${join(folder, 'pglite')}` },
  ...servers,
]

/** More than one page of a read, and more than PostgreSQL is sent as single values. */
const MANY = 6_000
const NOW = 1_700_000_000
const now = () => NOW

const hard = ['\0', '\uffff', '\ufeff', "'", '"', '\\', '{', ',', 'null', 'A', 'a', 'é', 'e\u0301', '🙂', ' ']

/** Different values of each valueType that can be a key, many of which would become another if rounded or not escaped. */
const keys: Readonly<Record<string, (index: number) => unknown>> = {
  float: (index) => ((index + 0.1) / 7) * 10 ** ((index % 40) - 20),
  int: (index) => Number.MIN_SAFE_INTEGER + index * 3_002_399_751_580,
  int64: (index) => -(2n ** 63n) + BigInt(index) * 3_074_457_345_618_258n,
  decimal: (index) => `-0.${'0'.repeat(index % 90)}${2 * index + 1}`,
  string: (index) => `${hard[index % hard.length]}${index}`,
  date: (index) => new Date(index * 86_400_000).toISOString().slice(0, 10),
  time: (index) => `${new Date(index * 14_000).toISOString().slice(11, 19)}.00000${1 + (index % 9)}`,
  inet: (index) => (index % 2 === 0 ? `10.0.${index >> 8}.${index & 255}` : `2001:db8::${index.toString(16)}`),
}
/** The same for those that cannot. */
const others: Readonly<Record<string, (index: number) => unknown>> = {
  text: (index) => `${hard[index % hard.length]}${index}`,
  blob: (index) => Uint8Array.of(index & 255, 0x5c, 0x22, 0x27, index >> 8),
  datetime: (index) => new Date(index * 10_000_000_000),
  boolean: (index) => index % 3 === 0,
}

const many = (make: (index: number) => unknown): unknown[] => Array.from({ length: MANY }, (_, index) => make(index))

for (const { name, url } of places) {
  describe.skipIf(url === undefined)(`values on ${name}`, () => {
    it.each(Object.entries(keys))('a large set of %s is read completely', async (valueType, make) => {
      const intervals = { hour: { step: 3600 }, day: { step: 'daily', resolution: '1h' } } as const
      const driver = sqlDriver(url!, { tableName: `many_${valueType}` })
      // PGlite takes seconds to start.
      const patience = 60_000
      const sets = createTimeseries(driver, { type: 'set', valueType: valueType as 'string', intervals, now, patience })
      await sets.deleteAll()
      const members = many(make) as string[]
      await sets.insert('a', members)
      const wanted = new Set(members)
      expect(wanted.size).toBe(MANY)
      expect([...(await sets.get('a', 'hour')).values()]).toEqual([wanted])
      expect([...(await sets.get('a', 'day')).values()]).toEqual([wanted])
      await driver.close()
    })

    it.each(Object.entries(others))('a long series of %s is read in order', async (valueType, make) => {
      const driver = sqlDriver(url!, { tableName: `many_${valueType}` })
      const config = {
        type: 'series',
        valueType: valueType as 'text',
        intervals: { hour: { step: 3600 } },
        now,
      } as const
      const series = createTimeseries(driver, config)
      await series.deleteAll()
      const values = many(make) as string[]
      await series.insert('a', values)
      expect([...(await series.get('a', 'hour')).values()]).toEqual([values])
      await driver.close()
    })

    it('a series of doubles is read bit for bit, however it was written', async () => {
      const driver = sqlDriver(url!, { tableName: 'doubles' })
      const doubles = createTimeseries(driver, { type: 'series', intervals: { day: { step: 'daily' } } })
      await doubles.deleteAll()
      const values = [
        5e-324,
        1.7976931348623157e308,
        0.1 + 0.2,
        9_144_640.788860345,
        -1e-7,
        123_456_789_012_345_680_000,
      ]
      for (let index = 0; index < 5_000; index++) values.push((Math.random() - 0.5) * 10 ** (Math.random() * 40 - 20))
      await doubles.insert('few', values.slice(0, 6))
      await doubles.insert('many', values)
      expect([...(await doubles.get('few', 'day')).values()]).toEqual([values.slice(0, 6)])
      expect([...(await doubles.get('many', 'day')).values()]).toEqual([values])
      await driver.close()
    })

    it('counts of more minutes than a page are read, each in its day', async () => {
      const driver = sqlDriver(url!, { tableName: 'minutes' })
      const intervals = { day: { step: 86_400, resolution: 60 } } as const
      const counts = createTimeseries(driver, { type: 'count', intervals, now })
      await counts.deleteAll()
      const days = 5
      const minutes = days * 1_440
      const first = Math.floor(NOW / 86_400) * 86_400
      const at = (minute: number): number => first + minute * 60
      await counts.bulkInsert(
        Array.from({ length: minutes }, (_, minute) => ({ name: 'a', value: minute + 1, timestamp: at(minute) })),
      )
      const read = await counts.series('a', 'day', { start: first, end: at(minutes - 1) })
      const seen = [...read.values()].flatMap((day) => [...day])
      expect(seen).toEqual(Array.from({ length: minutes }, (_, minute) => [at(minute), minute + 1]))
      await driver.close()
    })
  })
}
