import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlDriver } from '@kairos/sql'
import type { Suite } from '../suite.ts'
import { measureGrowth, sizesTo, TIMEOUT } from './measure.ts'

/** SQLite, PostgreSQL and MariaDB among ten and a million buckets and names. */
export const suite: Suite = {
  servers: ['postgres', 'mariadb'],
  async run(report, urls) {
    const folder = mkdtempSync(join(tmpdir(), 'kairos-bench-'))
    try {
      for (const [name, url] of [
        ['SQLite file', undefined],
        ['PostgreSQL', urls.postgres!],
        ['MariaDB', urls.mariadb!],
      ] as const) {
        const driver = sqlDriver(url ?? `sqlite:${join(folder, 'growth.db')}`, {
          tableName: 'growth',
          timeout: TIMEOUT,
        })
        const more = url === undefined ? { calls: 200 } : { calls: 50, url }
        await measureGrowth(report, { name, driver, sizes: sizesTo(1_000_000), ...more })
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}
