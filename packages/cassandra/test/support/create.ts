import type { StorageDriver } from '@kairos/core/driver'
import { cassandraDriver } from '../../src/index.ts'

/** Creates the conformance kit's driver, also in the processes that the kit starts; `KAIROS_URL` is the server's URL. */
export function create({ place }: { readonly place: string }): StorageDriver {
  return cassandraDriver(process.env.KAIROS_URL!, {
    keyspace: process.env.KAIROS_KEYSPACE!,
    tableName: `kit_${place}`,
    replication: Number(process.env.KAIROS_REPLICAS),
    // Short, since replacing records waits for it to end.
    lease: 200,
  })
}
