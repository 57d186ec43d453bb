import type { StorageDriver } from '@kairos/core/driver'
import { cassandraDriver } from '../../src/index.ts'

/** What the conformance kit stands on, in its own processes too: `KAIROS_URL` is the server's. */
export function create({ place }: { readonly place: string }): StorageDriver {
  return cassandraDriver(process.env.KAIROS_URL!, {
    keyspace: process.env.KAIROS_KEYSPACE!,
    tableName: `kit_${place}`,
    replication: Number(process.env.KAIROS_REPLICAS),
    // Who replaces records waits it out.
    lease: 200,
  })
}
