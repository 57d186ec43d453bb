import { cassandraDriver } from '@kairos/cassandra'
import type { Suite } from '../suite.ts'
import { measureGrowth, sizesTo, TIMEOUT } from './measure.ts'

/** Cassandra, on one node, which takes long to fill: up to a hundred thousand. */
export const suite: Suite = {
  servers: ['cassandra'],
  async run(report, urls) {
    const driver = cassandraDriver(urls.cassandra!, {
      keyspace: 'growth',
      replication: 1,
      lease: 100,
      timeout: TIMEOUT,
    })
    await measureGrowth(report, { name: 'Cassandra', driver, url: urls.cassandra!, sizes: sizesTo(100_000), calls: 20 })
  },
}
