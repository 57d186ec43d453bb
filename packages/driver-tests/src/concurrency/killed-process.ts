import { writeSync } from 'node:fs'
import type { StorageDriver } from '@kairos/core/driver'
import { createAnyTimeseries } from '../internal/any-timeseries.ts'
import type { CreateRequest } from '../options.ts'
import { NOW, placeOf } from '../test-context.ts'
import { KILLED, killedConfig, killedValue } from './killed-writes.ts'
import type { ProcessRequest } from './start-process.ts'

/** What a process that will be killed receives. */
export type KilledRequest = ProcessRequest

const { module, types } = JSON.parse(process.argv[2] ?? '') as KilledRequest
const { create } = (await import(module)) as { create(request: CreateRequest): StorageDriver | Promise<StorageDriver> }

// Writes until it is killed, and reports each acknowledged write immediately, since buffered output would be lost with the process.
await Promise.all(
  types.map(async (type) => {
    const config = killedConfig(type)
    const timeseries = createAnyTimeseries(await create({ place: placeOf(config) }), { ...config, now: () => NOW })
    for (let write = 1; ; write++) {
      await timeseries.insert(KILLED, killedValue(type, write))
      writeSync(1, `${type} ${write}\n`)
    }
  }),
)
