import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { createTimeseries } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { sqlDriver } from '../src/index.ts'
import type { OpenerAnswer } from './processes/opener.ts'
import type { WriterAnswer } from './processes/writer.ts'
import { runChild } from './support/children.ts'
import { temporaryFolder } from './support/folder.ts'
import { ask, freshDatabase, kyselyOf } from './support/places.ts'
import { servers } from './support/servers.ts'

const PROCESSES = 8
const BATCHES = process.env.KAIROS_TEST_SIZE === 'long' ? 200 : 40
const KEYS = 400
const TIMEOUT = 300_000

const folder = temporaryFolder()
let files = 0
const fileUrl = () => `sqlite:${join(folder, `${files++}.db`)}`

const places = [
  {
    name: 'a file of SQLite',
    variable: '',
    url: 'sqlite:',
    fresh: async () => ({ url: fileUrl(), drop: async () => {} }),
  },
  ...servers.map(({ name, variable, url }) => ({
    name,
    variable,
    url,
    fresh: () => freshDatabase(url!, 'concurrency'),
  })),
]

for (const { name, url, fresh } of places) {
  describe.skipIf(url === undefined)(`many processes on ${name}`, { timeout: TIMEOUT }, () => {
    it(`${PROCESSES} write ${BATCHES} batches to the same ${KEYS} keys: sums are exact, without errors`, async () => {
      const place = await fresh()
      const answers = await all((writer) =>
        runChild<WriterAnswer>('writer.ts', { url: place.url, writer, batches: BATCHES, keys: KEYS }),
      )
      expect(answers).toEqual(
        Array(PROCESSES).fill({ acknowledged: BATCHES * KEYS, maybeApplied: 0, failures: 0 } satisfies WriterAnswer),
      )
      const driver = sqlDriver(place.url, { tableName: 'shared' })
      const counts = createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60 } } })
      const steps = KEYS / 20
      for (let index = 0; index < 20; index++) {
        const sums = await counts.series(`n${index}`, 'minute', { start: 0, end: (steps - 1) * 60 })
        expect([...sums.values()]).toEqual(Array(steps).fill(PROCESSES * BATCHES))
      }
      await driver.close()
      await place.drop()
    })

    it(`${PROCESSES} open an empty database at once: all succeed, and it is recorded once`, async () => {
      const place = await fresh()
      const ready = mkdtempSync(join(folder, 'ready-'))
      const answers = await all((opener) =>
        runChild<OpenerAnswer>('opener.ts', { url: place.url, opener, openers: PROCESSES, ready }),
      )
      expect(answers).toEqual(Array(PROCESSES).fill({ opened: 5 } satisfies OpenerAnswer))
      const { db, close } = await kyselyOf(place.url)
      const records = await ask(db, 'select tbl, item from kairos_schema')
      const places = records.map(({ tbl, item }) => `${tbl} ${item}`)
      expect(new Set(places).size).toBe(places.length)
      // For each of five tables: its own record, and one interval.
      expect(places).toHaveLength(10)
      await close()
      await place.drop()
    })
  })
}

function all<T>(run: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: PROCESSES }, (_, index) => run(index)))
}
