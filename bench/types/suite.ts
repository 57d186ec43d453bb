import type { Report } from '../harness.ts'
import type { Suite } from '../suite.ts'
import { errors } from './errors.ts'
import { reading } from './reading.ts'
import { sizes } from './sizes.ts'
import { postgresStore, redisStore, type Store, sqliteStore } from './stores.ts'
import { visitors } from './visitors.ts'
import { writing } from './writing.ts'

/** Summaries, distributions and uniques beside the types that keep less or more: what they cost, and how far off they are. */
export const suite: Suite = {
  servers: ['redis', 'postgres'],
  async run(report: Report, urls) {
    await errors(report)
    for (const open of [sqliteStore, () => redisStore(urls.redis!), () => postgresStore(urls.postgres!)]) {
      const store: Store = await open()
      try {
        await writing(report, store)
        await reading(report, store)
        await sizes(report, store)
        await visitors(report, store)
      } finally {
        await store.close()
      }
    }
  },
}
