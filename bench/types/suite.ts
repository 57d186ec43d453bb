import type { Report } from '../harness.ts'
import type { Suite } from '../suite.ts'
import { errors } from './errors.ts'
import { reading } from './reading.ts'
import { sizes } from './sizes.ts'
import { postgresStore, redisStore, type Store, sqliteStore } from './stores.ts'
import { visitors } from './visitors.ts'
import { writing, writingByProcessor } from './writing.ts'

const stores = (urls: Readonly<Record<string, string>>): readonly (() => Store | Promise<Store>)[] => [
  sqliteStore,
  () => redisStore(urls.redis!),
  () => postgresStore(urls.postgres!),
]

/** Summaries, distributions and uniques beside the types that keep less or more: what they cost, and how far off they are. */
export const suite: Suite = {
  servers: ['redis', 'postgres'],
  async run(report: Report, urls) {
    await errors(report)
    for (const open of stores(urls)) {
      const store = await open()
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

/** Half the speed of counts is promised for them. */
export const writingSuite: Suite = {
  servers: suite.servers,
  async run(report: Report, urls) {
    for (const open of stores(urls)) {
      const store = await open()
      try {
        await writingByProcessor(report, store)
      } finally {
        await store.close()
      }
    }
  },
}
