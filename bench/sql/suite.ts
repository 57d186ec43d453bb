import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { timeOfFamily } from '../processor-time.ts'
import type { Suite } from '../suite.ts'
import { compareWithHand } from './compare.ts'
import { compareMerges } from './merges.ts'
import { mysqlByHand } from './mysql-by-hand.ts'
import { mainProcessOf, postgresByHand, vacuum } from './postgres-by-hand.ts'
import { sqliteByHand } from './sqlite-by-hand.ts'

/** SQLite, PostgreSQL and MariaDB, each compared with hand-written code on the same client. */
export const suite: Suite = {
  servers: ['postgres', 'mariadb'],
  async run(report, urls) {
    const folder = mkdtempSync(join(tmpdir(), 'kairos-bench-'))
    try {
      const file = join(folder, 'driver.db')
      await using sqlite = closing(sqliteByHand(file))
      const ofFile = { database: 'SQLite file', url: `sqlite:${file}`, byHand: sqlite.byHand, singles: 10_000 }
      await compareWithHand(report, { ...ofFile, bulkSpeed: 0.9, singleSpeed: 0.7 })
      await using postgres = closing(await postgresByHand(urls.postgres!))
      const ofServer = { singles: 1_000, bulkSpeed: 0.9, singleSpeed: 0.8 }
      await compareWithHand(report, {
        ...ofServer,
        database: 'PostgreSQL',
        url: urls.postgres!,
        byHand: postgres.byHand,
      })
      await using mariadb = closing(await mysqlByHand(urls.mariadb!))
      await compareWithHand(report, { ...ofServer, database: 'MariaDB', url: urls.mariadb!, byHand: mariadb.byHand })
      await compareMerges(report, { ...ofFile, server: () => 0, join: 1.5, collapse: 3 })
      const pid = await mainProcessOf(urls.postgres!)
      await compareMerges(report, {
        database: 'PostgreSQL',
        url: urls.postgres!,
        server: () => timeOfFamily(pid),
        settle: () => vacuum(urls.postgres!),
        join: 5,
        collapse: 5,
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

function closing<B extends { close(): Promise<void> }>(byHand: B): { byHand: B } & AsyncDisposable {
  return { byHand, [Symbol.asyncDispose]: () => byHand.close() }
}
