import type { CellStore, NamesPage, NamesQuery } from '@kairos/core/driver'
import { type BrokenDriver, wrapped } from './wrapped.ts'

const PAGES = 'names: count: pages in the order of code points, by prefix and after a name'

/** Gives other pages of names. */
function paging(change: (store: CellStore, query: NamesQuery) => Promise<NamesPage>): Pick<BrokenDriver, 'create'> {
  return { create: () => wrapped((store) => ({ names: (query) => change(store, query) })) }
}

/** Wrong in a page of names. */
export const pageFaults: readonly BrokenDriver[] = [
  {
    fault: 'names in the order of their code units',
    ...paging(async (store, query) => {
      const page = await store.names(query)
      return { ...page, names: [...page.names].sort() }
    }),
    caughtBy: [PAGES],
  },
  {
    fault: 'names in no order',
    ...paging(async (store, query) => {
      const page = await store.names(query)
      return { ...page, names: [...page.names].reverse() }
    }),
    caughtBy: [PAGES, 'names: count: pages while names come and go'],
  },
  {
    fault: 'a page that leaves out the name at its edge',
    ...paging(async (store, query) => {
      const page = await store.names(query)
      return page.next === undefined ? page : { ...page, names: page.names.slice(0, -1) }
    }),
    caughtBy: [PAGES, 'names: count: pages while names come and go'],
  },
  {
    fault: 'a page that begins with the name that it comes after',
    ...paging(async (store, query) => {
      const page = await store.names(query)
      if (query.after === undefined) return page
      const { names } = await store.names({ ...query, limit: 1, prefix: query.after, after: '' })
      return names[0] === query.after && query.limit > 1 ? { ...page, names: [query.after, ...page.names] } : page
    }),
    caughtBy: [PAGES, 'names: count: pages while names come and go'],
  },
  {
    fault: 'pages by number: a name that goes moves the next page',
    create() {
      let shown = 0
      return wrapped((store) => ({
        async names({ after, limit, ...query }) {
          const { names } = await store.names({ ...query, limit: 100_000 })
          shown = after === undefined ? 0 : shown + limit
          const page = names.slice(shown, shown + limit)
          return shown + limit < names.length ? { names: page, next: page.at(-1)! } : { names: page }
        },
      }))
    },
    caughtBy: ['names: count: pages while names come and go'],
  },
  {
    fault: 'a prefix that is taken for a pattern',
    ...paging(async (store, { prefix = '', ...query }) => {
      const literal = (text: string) =>
        text
          .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
          .replaceAll('%', '.*')
          .replaceAll('_', '.')
      const pattern = new RegExp(`^${literal(prefix)}`, 'su')
      const { names } = await store.names({ ...query, limit: 100_000 })
      const matching = names.filter((name) => pattern.test(name))
      const page = matching.slice(0, query.limit)
      return page.length < matching.length ? { names: page, next: page.at(-1)! } : { names: page }
    }),
    caughtBy: [PAGES],
  },
  {
    fault: 'a prefix without its case',
    ...paging(async (store, { prefix = '', ...query }) => {
      const { names } = await store.names({ ...query, limit: 100_000 })
      const matching = names.filter((name) => name.toLowerCase().startsWith(prefix.toLowerCase()))
      const page = matching.slice(0, query.limit)
      return page.length < matching.length ? { names: page, next: page.at(-1)! } : { names: page }
    }),
    caughtBy: [PAGES],
  },
]
