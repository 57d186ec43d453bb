import { memoryDriver, type StorageDriver } from '@kairos/core'
import { redisDriver } from '@kairos/redis'
import { sqlDriver } from '@kairos/sql'
import { createEventStore, type EventStore, type EventStoreConfig, type StreamEvent } from '../../src/index.ts'

/** A synchronous driver, and one whose every call is a statement in a real database. */
export const drivers: readonly (readonly [name: string, create: () => StorageDriver])[] = [
  ['memory', () => memoryDriver()],
  ['SQLite', () => sqlDriver('sqlite::memory:') as StorageDriver],
]

const redis = process.env.KAIROS_TEST_REDIS_URL

/** These, and Redis if the environment has its URL. There, only their names keep streams of different tests apart. */
export const servedDrivers: readonly (readonly [name: string, create: () => StorageDriver])[] =
  redis === undefined ? drivers : [...drivers, ['Redis', () => redisDriver(redis, { prefix: 'kairos-events-test' })]]

/** 2026-11-22T20:12:27.5320121Z: an odd tick beyond 2^53. */
export const NOW = 17_953_103_475_320_121n

export function storeOf(create: () => StorageDriver, config: EventStoreConfig = {}): EventStore {
  return createEventStore(create(), { now: () => NOW, ...config })
}

export async function collect(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const collected: StreamEvent[] = []
  for await (const event of events) collected.push(event)
  return collected
}

/** The members `n` of events, which tests use as numbers. */
export function numbers(events: readonly StreamEvent[]): unknown[] {
  return events.map(({ n }) => n)
}
