import { setTimeout as sleep } from 'node:timers/promises'
import { createTimeseries } from '@kairos/core'
import { sqlDriver } from '../../src/index.ts'

/** The request to an opener: where to open, and at which millisecond all of them begin. */
interface OpenerRequest {
  readonly url: string
  readonly start: number
}

export interface OpenerAnswer {
  readonly opened: number
}

const { url, start } = JSON.parse(process.argv[2]!) as OpenerRequest
const intervals = { minute: { step: 60 } }
const driver = sqlDriver(url)
const all = [
  createTimeseries(driver, { type: 'series', intervals }),
  createTimeseries(driver, { type: 'histogram', intervals }),
  createTimeseries(driver, { type: 'count', intervals }),
  createTimeseries(driver, { type: 'gauge', intervals }),
  createTimeseries(driver, { type: 'set', intervals }),
]
await sleep(Math.max(0, start - Date.now()))
await Promise.all(all.map((timeseries) => timeseries.open()))
await driver.close()
process.stdout.write(JSON.stringify({ opened: all.length } satisfies OpenerAnswer))
