import type { TransactionalDriver } from '@kairos/driver-tests'
import { type SqliteModule, sqlDriver } from '../../src/index.ts'
import { kyselyOf } from './places.ts'

/** A driver on a Kysely instance of its own, and transactions of that instance. */
export async function transactionalAt(
  url: string,
  tableName: string,
  sqliteModule?: SqliteModule,
): Promise<TransactionalDriver> {
  const { db, close } = await kyselyOf(url, sqliteModule)
  return {
    driver: sqlDriver(db, { tableName }),
    async begin() {
      const transaction = await db.startTransaction().execute()
      return { options: { transaction }, rollback: async () => void (await transaction.rollback().execute()) }
    },
    close,
  }
}
