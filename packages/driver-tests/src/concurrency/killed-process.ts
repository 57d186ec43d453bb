import { writeSync } from 'node:fs'
import type { StorageDriver } from '@kairos/core/driver'
import { createAnyTimeseries } from '../internal/any-timeseries.ts'
import type { CreateRequest } from '../options.ts'
import { NOW, PATIENCE, placeOf } from '../test-context.ts'
import { killedConfig, killedName, killedValue } from './killed-writes.ts'
import type { ProcessRequest } from './start-process.ts'

/** What a process that will be killed receives. */
export interface KilledRequest extends ProcessRequest {
  /** How many callers of each type write at once: their batches are shared. */
  readonly callers: number
}

const { callers, module, types } = JSON.parse(process.argv[2] ?? '') as KilledRequest
const { create } = (await import(module)) as { create(request: CreateRequest): StorageDriver | Promise<StorageDriver> }

// Writes until it is killed, and reports each acknowledged write immediately, since buffered output would be lost with the process.
await Promise.all(
  types.map(async (type) => {
    const config = killedConfig(type)
    const driver = await create({ place: placeOf(config) })
    const timeseries = createAnyTimeseries(driver, { ...config, now: () => NOW, patience: PATIENCE })
    const writeAs = async (caller: number): Promise<never> => {
      for (let write = 1; ; write++) {
        await timeseries.insert(killedName(caller), killedValue(type, write))
        writeSync(1, `${type} ${caller} ${write}\n`)
      }
    }
    await Promise.all(Array.from({ length: callers }, (_, caller) => writeAs(caller)))
  }),
)
