import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTimeseries } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { sqlDriver } from '../src/index.ts'
import type { BulkRequest } from './processes/bulk-writer.ts'
import { startChild } from './support/children.ts'
import { temporaryFolder } from './support/folder.ts'
import { ask, freshDatabase, kyselyOf } from './support/places.ts'
import { servers } from './support/servers.ts'

const folder = temporaryFolder()
let files = 0
const KILLS = process.env.KAIROS_TEST_SIZE === 'long' ? 4 : 2
/** The number of points that core makes one batch of. */
const CHUNK = 10_000

const places = [
  {
    name: 'a file of SQLite',
    url: 'sqlite:',
    fresh: async () => ({ url: `sqlite:${join(folder, `${files++}.db`)}`, drop: async () => {} }),
  },
  ...servers.map(({ name, url }) => ({ name, url, fresh: () => freshDatabase(url!, 'crash') })),
]

for (const { name, url, fresh } of places) {
  describe.skipIf(url === undefined)(`processes killed during a bulk write on ${name}`, { timeout: 240_000 }, () => {
    it('leave complete calls for lists, or nothing', async () => {
      const place = await fresh()
      // More than one statement on every database but PostgreSQL.
      for (let kill = 0; kill < KILLS; kill++) {
        const acknowledged = await writeUntilKilled({ url: place.url, points: 6_000, as: 'list' })
        const stored = await rowsByCall(place.url)
        expect(acknowledged.filter((call) => stored.get(call) !== 6_000)).toEqual([])
        expect(new Set(stored.values())).toEqual(new Set([6_000]))
        await expectOpens(place.url)
      }
      await place.drop()
    })

    it('leave complete chunks for iterables', async () => {
      const place = await fresh()
      const points = 2 * CHUNK + 5_000
      for (let kill = 0; kill < KILLS; kill++) {
        const acknowledged = await writeUntilKilled({ url: place.url, points, as: 'iterable' })
        const stored = await rowsByCall(place.url)
        expect(acknowledged.filter((call) => stored.get(call) !== points)).toEqual([])
        for (const rows of stored.values()) expect([CHUNK, 2 * CHUNK, points]).toContain(rows)
        await expectOpens(place.url)
      }
      await place.drop()
    })
  })
}

/** Kills a writer at a random moment during a later call. The calls that it had acknowledged are stored. */
async function writeUntilKilled(request: BulkRequest): Promise<number[]> {
  const child = startChild('bulk-writer.ts', request)
  let complaints = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const acknowledged: number[] = []
  const lines = createInterface(child.stdout!)
  lines.on('line', (line) => acknowledged.push(Number(line)))
  await Promise.race([once(lines, 'line'), once(child, 'exit')])
  await sleep(Math.random() * 200)
  child.kill('SIGKILL')
  await once(child, 'close')
  expect(complaints).toBe('')
  expect(acknowledged.length).toBeGreaterThan(0)
  return acknowledged
}

/** Rows by bucket, once the server has finished what the killed process sent, and nothing changes any more. */
async function rowsByCall(url: string): Promise<Map<number, number>> {
  const { db, close } = await kyselyOf(url)
  const read = async () =>
    (
      await ask(db, 'select i_time as call_number, count(*) as row_count from crash group by i_time order by i_time')
    ).map((row) => [Number(row.call_number), Number(row.row_count)] as const)
  let before = await read()
  for (;;) {
    await sleep(300)
    const now = await read()
    if (JSON.stringify(now) === JSON.stringify(before)) break
    before = now
  }
  await close()
  return new Map(before)
}

/** Checks that the place opens, and stores and returns a write, and empties it again. */
async function expectOpens(url: string): Promise<void> {
  const driver = sqlDriver(url, { tableName: 'crash' })
  const counts = createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60 } } })
  await counts.insert('after', 2, { timestamp: 0 })
  expect([...(await counts.get('after', 'minute', { timestamp: 0 })).values()]).toEqual([2])
  await counts.deleteAll()
  await driver.close()
}
