import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryDriver } from '@kairos/core'
import type { Suite } from '../suite.ts'
import { grouped } from './grouped.ts'
import { slowProxy } from './slow-proxy.ts'

/** Inserts that share batches, on each store, and on a distant one. */
export const suite: Suite = {
  servers: ['redis', 'postgres', 'mongo'],
  async run(report, { redis, postgres, mongo }) {
    const folder = mkdtempSync(join(tmpdir(), 'kairos-bench-'))
    try {
      // Memory has no request to save.
      await grouped(report, 'memory', memoryDriver(), { sequential: 50_000 })
      await grouped(report, 'Redis', redis!, { speed: 4, processorTime: 12 })
      await grouped(report, 'SQLite file', `sqlite:${join(folder, 'grouped.db')}`, { speed: 6, sequential: 10_000 })
      await grouped(report, 'PostgreSQL', postgres!, { speed: 5 })
      const distant = await slowProxy(redis!, 5)
      await grouped(report, 'Redis at 5 ms', distant.url)
      distant.close()
      // The slowest last.
      await grouped(report, 'MongoDB', mongo!, { speed: 5, sequential: 500 })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}
