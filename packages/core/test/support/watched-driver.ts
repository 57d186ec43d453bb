import type { CellQuery, StorageDriver, StoredCell } from '../../src/driver.ts'
import { memoryDriver } from '../../src/index.ts'

interface Watched {
  readonly driver: StorageDriver
  readonly reads: CellQuery[]
  readonly bounds: CellQuery[]
  /** The result of each read. */
  readonly found: (readonly StoredCell[])[]
}

/** A memory driver that records its reads. */
export function watchedDriver(before: (query: CellQuery) => Promise<void> = async () => {}): Watched {
  const memory = memoryDriver()
  const [reads, bounds]: [CellQuery[], CellQuery[]] = [[], []]
  const found: (readonly StoredCell[])[] = []
  const driver: StorageDriver = {
    ...memory,
    async open(schema, options) {
      const { store, records } = await memory.open(schema, options)
      return {
        records,
        store: {
          ...store,
          async read(query) {
            reads.push(query)
            await before(query)
            const cells = await store.read(query)
            found.push(cells)
            return cells
          },
          bounds(query) {
            bounds.push(query)
            return store.bounds(query)
          },
        },
      }
    },
  }
  return { driver, reads, bounds, found }
}
