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

/** Makes the drivers of a store, and closes them: one that stays open keeps the process alive. */
function driversBy(make: (place: string) => StorageDriver) {
  const made: StorageDriver[] = []
  return {
    driver(place: string): StorageDriver {
      const driver = make(place)
      made.push(driver)
      return driver
    },
    async closeDrivers(): Promise<void> {
      for (const driver of made) await driver.close()
    },
  }
}

export async function redisStore(url: string): Promise<Store> {
  const redis = new Redis(url)
  const { driver, closeDrivers } = driversBy((place) => redisDriver(url, { prefix: place }))
  const pid = Number(/process_id:(\d+)/.exec(await redis.info('server'))![1])
  return {
    name: 'Redis',
    serverTime: () => timeOfProcess(pid),
    driver,
    clear: (_place, timeseries) => timeseries.deleteAll(),
    async bytes(place) {
      let bytes = 0
      for (const key of await redis.keys(`${place}*`)) bytes += (await redis.memory('USAGE', key, 'SAMPLES', 0)) ?? 0
      return bytes
    },
    async close() {
      await closeDrivers()
      redis.disconnect()
    },
  }
}

export async function postgresStore(url: string): Promise<Store> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const pid = parentOf(rows[0]!.pid)
  const { driver, closeDrivers } = driversBy((place) => sqlDriver(url, { tableName: place }))
  return {
    name: 'PostgreSQL',
    serverTime: () => timeOfFamily(pid),
    driver,
    clear: (place) => client.query(`truncate "${place}"`),
    async bytes(place) {
      const { rows } = await client.query<{ bytes: string }>(`select pg_total_relation_size('"${place}"') as bytes`)
      return Number(rows[0]!.bytes)
    },
    async close() {
      await closeDrivers()
      await client.end()
    },
  }
}

export function sqliteStore(): Store {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-bench-'))
  const fileOf = (place: string): string => join(folder, `${place}.db`)
  const { driver, closeDrivers } = driversBy((place) => sqlDriver(`sqlite:${fileOf(place)}`))
  return {
    name: 'SQLite file',
    serverTime: () => 0,
    driver,
    clear: (_place, timeseries) => timeseries.deleteAll(),
    async bytes(place) {
      const database = new Database(fileOf(place), { readonly: true })
      const [pages, size] = ['page_count', 'page_size'].map((name) => Number(database.pragma(name, { simple: true })))
      database.close()
      return pages! * size!
    },
    async close() {
      await closeDrivers()
      rmSync(folder, { recursive: true })
    },
  }
}
