import { createTimeseries } from '@kairos/core'
import { Kysely, MysqlDialect } from 'kysely'
import { createPool } from 'mysql2'
import { describe, expect, it } from 'vitest'
import type { AnyTables } from '../src/connection/connected.ts'
import { sqlDriver } from '../src/index.ts'
import { freshDatabase } from './support/places.ts'

// The caller's own sessions, in which a client's quoting or encoding of strings goes wrong.
const SESSIONS = [
  ['backslashes that escape nothing', {}, "set session sql_mode = concat(@@sql_mode, ',NO_BACKSLASH_ESCAPES')"],
  ['a client that speaks latin1', { charset: 'LATIN1_SWEDISH_CI' }, 'select 1'],
] as const
const HOSTILE = [
  "'; drop table set; --",
  "\\'",
  '\\',
  '"',
  'a',
  'A',
  'a ',
  '\0',
  'é',
  'e\u0301',
  '🙂',
  '?',
  '??',
  ':a',
  '%',
]

describe.each([
  ['MariaDB', process.env.KAIROS_TEST_MARIADB_URL],
  ['MySQL', process.env.KAIROS_TEST_MYSQL_URL],
])('hostile sessions on %s', (_name, url) => {
  it.skipIf(url === undefined).each(SESSIONS)('%s: names and values are unchanged', async (_title, own, set) => {
    const place = await freshDatabase(url!, 'hostile')
    const pool = createPool({ uri: place.url.replace(/^mariadb:/, 'mysql:'), ...own })
    pool.on('connection', (connection) => connection.query(set))
    const kysely = new Kysely<AnyTables>({ dialect: new MysqlDialect({ pool }) })
    const intervals: Record<string, { step: number }> = { [HOSTILE[0]!]: { step: 60 }, 'é 🙂 \\': { step: 3600 } }
    const sets = createTimeseries(sqlDriver(kysely), { type: 'set', valueType: 'string', intervals })
    try {
      for (const name of HOSTILE) await sets.insert(name, [...HOSTILE, `of ${name}`], { timestamp: 0 })
      expect(await sets.list()).toEqual([...HOSTILE].sort())
      for (const name of HOSTILE) {
        for (const interval of Object.keys(intervals)) {
          const read = await sets.get(name, interval, { timestamp: 0 })
          expect(read.get(0), `${JSON.stringify(name)} in ${interval}`).toEqual(new Set([...HOSTILE, `of ${name}`]))
        }
      }
      await sets.delete("\\'")
      expect(await sets.list()).toHaveLength(HOSTILE.length - 1)
    } finally {
      await sets.close()
      await kysely.destroy()
      await place.drop()
    }
  })
})
