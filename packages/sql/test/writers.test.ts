import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createTimeseries } from '@kairos/core'
import { createPool } from 'mysql2/promise'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { sqlDriver } from '../src/index.ts'
import { temporaryFolder } from './support/folder.ts'
import { servers } from './support/servers.ts'

const PROCESSES = 8
const BATCHES = 200
const folder = temporaryFolder()
const run = promisify(execFile)

interface Told {
  readonly acknowledged: number
  readonly inDoubt: number
  readonly errors: number
}

async function writeFromProcesses(url: string, tableName: string, batches: number): Promise<Told> {
  const writer = new URL('./support/writer.ts', import.meta.url).pathname
  const parameters = ['--conditions=@kairos/source', writer, url, tableName, String(batches)]
  const outputs = await Promise.all(Array.from({ length: PROCESSES }, () => run(process.execPath, parameters)))
  const all = outputs.map(({ stdout }) => JSON.parse(stdout) as Told)
  const sum = (key: keyof Told): number => all.reduce((total, told) => total + told[key], 0)
  return { acknowledged: sum('acknowledged'), inDoubt: sum('inDoubt'), errors: sum('errors') }
}

/** What the table holds, emptied first where `work` is done in between. */
async function storedBy<T>(
  url: string,
  tableName: string,
  work: () => Promise<T>,
): Promise<{ told: T; stored: number }> {
  const driver = sqlDriver(url, { tableName })
  const counts = createTimeseries(driver, { type: 'count', intervals: { day: { step: 'daily' } } })
  try {
    await counts.deleteAll()
    const told = await work()
    const series = await counts.series(await counts.list(), 'day', { start: 1_700_000_000, steps: 1 })
    return { told, stored: [...series.values()][0] ?? 0 }
  } finally {
    await counts.close()
    await driver.close()
  }
}

const places = [{ name: 'SQLite file', url: `sqlite:${folder}/writers.db` as string | undefined }, ...servers]
for (const { name, url } of places) {
  describe.skipIf(url === undefined)(name, () => {
    it('8 processes write 200 batches over the same 400 keys: nothing is lost or doubled, and nobody sees an error', async () => {
      const { told, stored } = await storedBy(url!, 'writers', () => writeFromProcesses(url!, 'writers', BATCHES))
      expect(told).toEqual({ acknowledged: PROCESSES * BATCHES * 400, inDoubt: 0, errors: 0 })
      expect(stored).toBe(told.acknowledged)
    }, 300_000)
  })
}

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(name, () => {
    it('while connections are killed, what is stored lies between what was acknowledged and that with what is in doubt', async () => {
      const { told, stored } = await storedBy(url!, 'killed', async () => {
        const killer = startKiller(url!)
        try {
          return await writeFromProcesses(url!, 'killed', 60)
        } finally {
          await killer.stop()
        }
      })
      expect(told.errors).toBeGreaterThan(0)
      expect(stored).toBeGreaterThanOrEqual(told.acknowledged)
      expect(stored).toBeLessThanOrEqual(told.acknowledged + told.inDoubt)
    }, 300_000)
  })
}

/** Ends the connection of some writer every few milliseconds. */
function startKiller(url: string): { stop(): Promise<void> } {
  let stopped = false
  const kill = url.startsWith('postgres') ? killPostgres : killMysql
  const work = kill(url, () => stopped)
  return {
    async stop() {
      stopped = true
      await work
    },
  }
}

const KILLED = 'killed'

async function killPostgres(url: string, stopped: () => boolean): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  while (!stopped()) {
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where pid <> pg_backend_pid() and state = 'active' and query like 'insert into "${KILLED}"%' order by random() limit 1`,
    )
    await sleep(20)
  }
  await client.end()
}

async function killMysql(url: string, stopped: () => boolean): Promise<void> {
  const pool = createPool({ uri: url.replace(/^mariadb:/, 'mysql:'), connectionLimit: 1 })
  while (!stopped()) {
    const [rows] = await pool.query(
      `select id from information_schema.processlist where info like 'insert into \`${KILLED}\`%' order by rand() limit 1`,
    )
    for (const row of rows as { id?: number; ID?: number }[])
      await pool.query(`kill ${row.id ?? row.ID}`).catch(() => {})
    await sleep(20)
  }
  await pool.end()
}
