import { createTimeseries, memoryDriver } from '@kairos/core'
import type { CellWrite, OpenedStore, StorageDriver, StoreSchema, WriteBatch, WriteFailure } from '@kairos/core/driver'

/** The schema that core hands a driver for counts with these steps. */
export async function countSchema(steps: Readonly<Record<string, number>>): Promise<StoreSchema> {
  const memory = memoryDriver()
  let schema: StoreSchema | undefined
  const listening: StorageDriver = {
    ...memory,
    open(asked, options) {
      schema = asked as StoreSchema
      return memory.open(asked, options)
    },
  }
  const intervals = Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, { step }]))
  await createTimeseries(listening, { type: 'count', intervals }).open()
  return schema!
}

/** Opens with this schema in place of all records; cells are live from the bucket `oldest` on. */
export function replaceBy(
  driver: StorageDriver,
  schema: StoreSchema,
  { records }: Pick<OpenedStore, 'records'>,
  oldest: number = Number.MIN_SAFE_INTEGER,
): Promise<OpenedStore> {
  const oldestLive = Object.fromEntries(Object.keys(records.intervals).map((name) => [name, oldest]))
  return driver.open(schema, { replace: { intervals: records.intervals }, oldestLive })
}

/** A batch of these cells. */
export function batchOf(...cells: Partial<CellWrite>[]): WriteBatch {
  const whole = { name: 'a', interval: 'minute', bucket: 1, resolutionBucket: 0, change: 1 }
  return { cells: cells.map((cell) => ({ ...whole, ...cell })), oldestLive: { minute: Number.MIN_SAFE_INTEGER } }
}

/** What a write rejects with. */
export async function failureOf(write: Promise<unknown>): Promise<WriteFailure> {
  const [result] = await Promise.allSettled([write])
  if (result.status === 'fulfilled') throw new Error('the write did not fail')
  return result.reason as WriteFailure
}
