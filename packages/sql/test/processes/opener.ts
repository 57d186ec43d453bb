import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTimeseries } from '@kairos/core'
import { sqlDriver } from '../../src/index.ts'

/** The request to an opener: where to open, which of how many it is, and the folder where each says that it is ready. */
interface OpenerRequest {
  readonly url: string
  readonly opener: number
  readonly openers: number
  readonly ready: string
}

export interface OpenerAnswer {
  readonly opened: number
}

const { url, opener, openers, ready } = JSON.parse(process.argv[2]!) as OpenerRequest
const intervals = { minute: { step: 60 } }
const driver = sqlDriver(url)
const all = [
  createTimeseries(driver, { type: 'series', intervals }),
  createTimeseries(driver, { type: 'histogram', intervals }),
  createTimeseries(driver, { type: 'count', intervals }),
  createTimeseries(driver, { type: 'gauge', intervals }),
  createTimeseries(driver, { type: 'set', intervals }),
]
// They begin when the last one has started.
writeFileSync(join(ready, String(opener)), '')
while (readdirSync(ready).length < openers) await sleep(2)
await Promise.all(all.map((timeseries) => timeseries.open()))
await driver.close()
process.stdout.write(JSON.stringify({ opened: all.length } satisfies OpenerAnswer))
