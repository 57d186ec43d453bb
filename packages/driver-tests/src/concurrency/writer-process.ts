import { writeSync } from 'node:fs'
import type { StorageDriver } from '@kairos/core/driver'
import { createAnyTimeseries } from '../internal/any-timeseries.ts'
import type { CreateRequest } from '../options.ts'
import { NOW, PATIENCE, placeOf } from '../test-context.ts'
import { LIMITED, limitedConfig, passing } from './limited.ts'
import type { ProcessRequest } from './start-process.ts'
import { KEYED, writeAs, writersConfig } from './writers.ts'

/** What a writer's process receives. */
export interface WriterRequest extends ProcessRequest {
  readonly writer: number
  readonly rounds: number
  /** The key of a write that each process makes; null: the store remembers none. */
  readonly once: string | null
  /** How many callers of a process try to pass a limit; 0: the store does not return counts. */
  readonly limited: number
}

const { writer, rounds, once, limited, module, types } = JSON.parse(process.argv[2] ?? '') as WriterRequest
const { create } = (await import(module)) as { create(request: CreateRequest): StorageDriver | Promise<StorageDriver> }

await Promise.all(
  types.map(async (type) => {
    const config = writersConfig(type)
    const driver = await create({ place: placeOf(config) })
    const timeseries = createAnyTimeseries(driver, { ...config, now: () => NOW, patience: PATIENCE })
    await timeseries.open()
    writeSync(1, `${type} is open\n`)
    await writeAs(writer, rounds, timeseries)
    if (once !== null) await timeseries.insert(KEYED, 7, { once })
    await timeseries.close()
    if (type === limitedConfig.type && limited > 0) {
      const counts = createAnyTimeseries(driver, { ...limitedConfig, now: () => NOW, patience: PATIENCE })
      writeSync(1, `${LIMITED}${await passing([counts], limited)}\n`)
      await counts.close()
    }
    await driver.close()
  }),
)
