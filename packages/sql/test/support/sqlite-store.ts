import type { CreateRequest } from '@kairos/driver-tests'
import { type SqliteModule, sqlDriver } from '../../src/index.ts'

/** A driver on the file that the environment names, for tests that write from several processes. */
export function create({ place }: CreateRequest) {
  return sqlDriver(`sqlite:${process.env.KAIROS_TEST_SQLITE_FILE}`, {
    tableName: place,
    sqliteModule: process.env.KAIROS_TEST_SQLITE_MODULE as SqliteModule,
  })
}
