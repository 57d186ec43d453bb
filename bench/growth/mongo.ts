import { mongoDriver } from '@kairos/mongo'
import type { Suite } from '../suite.ts'
import { measureGrowth, sizesTo, TIMEOUT } from './measure.ts'

/** SecantusDB, which has MongoDB's protocol and takes long to fill: up to a hundred thousand. */
export const suite: Suite = {
  servers: ['mongo'],
  async run(report, urls) {
    const driver = mongoDriver(urls.mongo!, { database: 'kairos_bench', lease: 100, timeout: TIMEOUT })
    await measureGrowth(report, { name: 'SecantusDB', driver, url: urls.mongo!, sizes: sizesTo(100_000), calls: 20 })
  },
}
