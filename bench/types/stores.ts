import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StorageDriver } from '@kairos/core'
import { redisDriver } from '@kairos/redis'
import { sqlDriver } from '@kairos/sql'
import Database from 'better-sqlite3'
import { Redis } from 'ioredis'
import pg from 'pg'
import { parentOf, timeOfFamily, timeOfProcess } from '../processor-time.ts'

/** A store that the types are compared on. */
export interface Store {
  readonly name: string
  /** A driver for a place of its own. */
  driver(place: string): StorageDriver
  /** Empties the place of a timeseries, leaving nothing behind that would make the next run slower. */
  clear(place: string, timeseries: { deleteAll(): Promise<void> }): Promise<unknown>
  /** The processor time that its server has used, in milliseconds. */
  serverTime(): number
  /** How many bytes a place takes. */
  bytes(place: string): Promise<number>
  close(): Promise<unknown>
}

export async function redisStore(url: string): Promise<Store> {
  const redis = new Redis(url)
  const pid = Number(/process_id:(\d+)/.exec(await redis.info('server'))![1])
  return {
    name: 'Redis',
    serverTime: () => timeOfProcess(pid),
    driver: (place) => redisDriver(url, { prefix: place }),
    clear: (_place, timeseries) => timeseries.deleteAll(),
    async bytes(place) {
      let bytes = 0
      for (const key of await redis.keys(`${place}*`)) bytes += (await redis.memory('USAGE', key, 'SAMPLES', 0)) ?? 0
      return bytes
    },
    close: async () => redis.disconnect(),
  }
}

export async function postgresStore(url: string): Promise<Store> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const pid = parentOf(rows[0]!.pid)
  return {
    name: 'PostgreSQL',
    serverTime: () => timeOfFamily(pid),
    driver: (place) => sqlDriver(url, { tableName: place }),
    clear: (place) => client.query(`truncate "${place}"`),
    async bytes(place) {
      const { rows } = await client.query<{ bytes: string }>(`select pg_total_relation_size('"${place}"') as bytes`)
      return Number(rows[0]!.bytes)
    },
    close: () => client.end(),
  }
}

export function sqliteStore(): Store {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-bench-'))
  const drivers: StorageDriver[] = []
  const fileOf = (place: string): string => join(folder, `${place}.db`)
  return {
    name: 'SQLite file',
    serverTime: () => 0,
    driver(place) {
      const driver = sqlDriver(`sqlite:${fileOf(place)}`)
      drivers.push(driver)
      return driver
    },
    clear: (_place, timeseries) => timeseries.deleteAll(),
    async bytes(place) {
      const database = new Database(fileOf(place), { readonly: true })
      const [pages, size] = ['page_count', 'page_size'].map((name) => Number(database.pragma(name, { simple: true })))
      database.close()
      return pages! * size!
    },
    async close() {
      for (const driver of drivers) await driver.close()
      rmSync(folder, { recursive: true })
    },
  }
}
