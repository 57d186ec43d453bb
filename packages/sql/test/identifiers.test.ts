import { join } from 'node:path'
import { createTimeseries, KairosError } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { dialects } from '../src/dialects/index.ts'
import { type SqlDriverOptions, sqlDriver, tableStatements } from '../src/index.ts'
import { temporaryFolder } from './support/folder.ts'
import { freshDatabase } from './support/places.ts'
import { servers } from './support/servers.ts'

const folder = temporaryFolder()
let files = 0
const config = { type: 'series', intervals: { minute: { step: 60 } }, now: () => 1_700_000_000 } as const

const onDisk = (scheme: string) => async () => ({
  url: `${scheme}:${join(folder, `${files++}`)}`,
  drop: async () => {},
})
const places = [
  { name: 'SQLite', url: 'sqlite:', fresh: onDisk('sqlite') },
  { name: 'PGlite', url: 'pglite:', fresh: onDisk('pglite') },
  ...servers.map(({ name, url }) => ({ name, url, fresh: () => freshDatabase(url!, 'identifiers') })),
]

const EVERYWHERE = [
  'plain',
  'select',
  'Quo"te',
  "apo'strophe",
  'back`tick',
  'semi; drop table plain; --',
  'dots.and/slashes\\',
  'tâble ß',
  '#hash',
  '__proto__',
  'pg_plain',
  // The index that the driver creates for a series on SQLite has a name too.
  'plain_place',
  'a'.repeat(63),
  'é'.repeat(31),
  // The longest file name that MySQL and MariaDB use for 63 bytes.
  "'".repeat(47) + 'a'.repeat(16),
]
const NOT_ON_MYSQL = ['🙂', '🙃', 'plain ', "'".repeat(63)]

for (const { name, url, fresh } of places) {
  describe.skipIf(url === undefined)(`names of tables on ${name}`, { timeout: 120_000 }, () => {
    it('share nothing, quotes and all', async () => {
      const place = await fresh()
      const tableNames = [...EVERYWHERE, ...(/^m/.test(place.url) ? [] : NOT_ON_MYSQL)]
      const drivers = tableNames.map((tableName) => sqlDriver(place.url, { tableName }))
      for (const [index, driver] of drivers.entries()) {
        const series = createTimeseries(driver, config)
        await series.insert('a', index)
        await series.insert(tableNames[index]!, 7)
      }
      for (const [index, tableName] of tableNames.entries()) {
        const series = createTimeseries(sqlDriver(place.url, { tableName }), config)
        expect([...(await series.get('a', 'minute')).values()]).toEqual([[index]])
        expect((await series.list()).sort()).toEqual(['a', tableName].sort())
        await series.close()
      }
      for (const driver of drivers) await driver.close()
      await place.drop()
    })

    it('that differ in case share nothing, or the second is refused', async () => {
      const place = await fresh()
      const [lower, upper] = ['hits', 'HITS'].map((tableName) => sqlDriver(place.url, { tableName }))
      await createTimeseries(lower!, config).insert('a', 1)
      await lower!.openEvents!({ namespace: 'a' })
      const other = createTimeseries(upper!, config)
      if (place.url.startsWith('sqlite')) {
        await expect(other.open()).rejects.toMatchObject(refusal(/tableName must be spelled hits,/))
        await expect(upper!.openEvents!({ namespace: 'a' })).rejects.toMatchObject(refusal(/spelled hits_events,/))
      } else {
        await upper!.openEvents!({ namespace: 'a' })
        expect((await other.get('a', 'minute')).size).toBe(1)
        expect([...(await other.get('a', 'minute')).values()]).toEqual([[]])
      }
      await lower!.close()
      await upper!.close()
      await place.drop()
    })

    it('leave room for the suffix of a table of events', async () => {
      const place = await fresh()
      const driver = sqlDriver(place.url, { tableName: 'a'.repeat(63) })
      await createTimeseries(driver, config).insert('a', 1)
      await expect(driver.openEvents!({ namespace: 'a' })).rejects.toMatchObject(refusal(/events.*at most 63 bytes/))
      const shorter = sqlDriver(place.url, { tableName: 'a'.repeat(56) })
      const { append, count } = await shorter.openEvents!({ namespace: 'a' })
      await append('a', [{ key: '0'.repeat(32), body: '{}' }])
      expect(await count('a', { first: '0'.repeat(32), last: 'f'.repeat(32) })).toBe(1)
      await driver.close()
      await shorter.close()
      await place.drop()
    })
  })
}

// No test server has this setting; servers on Windows, and some in clouds, do.
it('capitals are refused on MySQL and MariaDB servers that store names of tables in lower case', () => {
  const { problemIn } = dialects.mysql.probe!
  const session = (folding: number) => ({ autocommit: 1, folding, text: ' aä…🙂 ', digits: '0.5' })
  expect(problemIn(session(1), 'Hits')).toMatchObject({ path: 'tableName' })
  expect(problemIn(session(1), 'hits')).toBeNull()
  expect(problemIn(session(0), 'Hits')).toBeNull()
})

describe('a name that a database does not support is refused before anything is connected', () => {
  const all = ['sqlite::memory:', 'pglite:', 'postgres://localhost', 'mysql://localhost', 'mariadb://localhost']
  const mysql = ['mysql://localhost', 'mariadb://localhost']
  const cases: readonly (readonly [urls: readonly string[], options: SqlDriverOptions, wanted: RegExp])[] = [
    [all, { tableName: '' }, /not empty/],
    [all, { tableName: 'a\0b' }, /without U\+0000/],
    [all, { tableName: '\ud83d' }, /well-formed Unicode/],
    [all, { tableName: 7 as unknown as string }, /a string/],
    [all, { tableName: 'a'.repeat(64) }, /at most 63 bytes/],
    [all, { tableName: 'é'.repeat(32) }, /at most 63 bytes/],
    [all, { tableName: 'Kairos_Schema' }, /not begin with kairos_schema/],
    [mysql, { tableName: '🙂' }, /characters above U\+FFFF/],
    [mysql, { tableName: 'a ' }, /white space at its end/],
    [mysql, { tableName: 'a\t' }, /white space at its end/],
    [mysql, { tableName: "'".repeat(48) + 'a'.repeat(15) }, /its file would be too long/],
    [mysql, { tableName: '#mysql50#a' }, /#mysql50#/],
    [['sqlite::memory:'], { tableName: 'SQLite_a' }, /sqlite_/],
    [['pglite:', 'postgres://localhost'], { schema: 'pg_a' }, /pg_/],
    [['pglite:', 'postgres://localhost'], { schema: '' }, /not empty/],
  ]

  it.each(cases.flatMap(([urls, options, wanted]) => urls.map((url) => [url, options, wanted] as const)))(
    '%s with %o',
    (url, options, wanted) => {
      const { path, ...rest } = refusal(wanted)
      expect(() => sqlDriver(url, options)).toThrow(
        expect.objectContaining({ ...rest, path: expect.stringMatching(/^(tableName|schema)$/) }),
      )
    },
  )

  it('also for statements that are printed', () => {
    expect(() => tableStatements('mysql', { type: 'count' }, { tableName: '🙂' })).toThrow(KairosError)
  })
})

function refusal(wanted: RegExp) {
  return { code: 'KAIROS_INVALID_CONFIG', path: 'tableName', message: expect.stringMatching(wanted) }
}
