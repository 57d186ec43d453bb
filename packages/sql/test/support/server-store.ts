import type { CreateRequest } from '@kairos/driver-tests'
import { sqlDriver } from '../../src/index.ts'

/** A driver on the server that the environment names, for tests that write from several processes. */
export function create({ place }: CreateRequest) {
  return sqlDriver(process.env.KAIROS_TEST_SQL_URL!, { tableName: place })
}
