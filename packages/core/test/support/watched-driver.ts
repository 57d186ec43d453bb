import type { CellQuery, StorageDriver } from '../../src/driver.ts'
import { memoryDriver } from '../../src/index.ts'

interface Watched {
  readonly driver: StorageDriver
  readonly reads: CellQuery[]
  readonly bounds: CellQuery[]
}

/** A memory driver that tells which reads it was asked for. */
export function watchedDriver(before: (query: CellQuery) => Promise<void> = async () => {}): Watched {
  const memory = memoryDriver()
  const [reads, bounds]: [CellQuery[], CellQuery[]] = [[], []]
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
            return store.read(query)
          },
          bounds(query) {
            bounds.push(query)
            return store.bounds(query)
          },
        },
      }
    },
  }
  return { driver, reads, bounds }
}
