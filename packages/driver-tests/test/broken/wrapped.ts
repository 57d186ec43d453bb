import { memoryDriver } from '@kairos/core'
import type {
  Capabilities,
  CellQuery,
  CellStore,
  CellWrite,
  NamesPage,
  NamesQuery,
  OpenOptions,
  StorageDriver,
  StoredCell,
  StoreSchema,
  WriteBatch,
} from '@kairos/core/driver'

/** One way to be wrong, and tests that must notice. */
export interface BrokenDriver {
  readonly fault: string
  readonly create: () => StorageDriver
  /** Its fault shows between two drivers that share data. */
  readonly shared?: true
  /** The tests that catch it wait for real time: it runs beside others that do. */
  readonly waits?: true
  /** Titles of tests that fail on it. */
  readonly caughtBy: readonly string[]
}

type Break = (
  store: CellStore,
  schema: StoreSchema,
  options: OpenOptions,
) => Partial<CellStore> | Promise<Partial<CellStore>>

/** The memory driver, with some calls of its store in other words. */
export function wrapped(wrap: Break, capabilities: Partial<Capabilities> = {}): StorageDriver {
  const memory = memoryDriver()
  return {
    ...memory,
    capabilities: { ...memory.capabilities, ...capabilities },
    async open(schema, options = {}) {
      const { store, records } = await memory.open(schema, options)
      return { store: { ...store, ...(await wrap(store, schema, options)) }, records }
    },
  }
}

/** Writes other cells than it was given. */
export function writing(
  change: (cells: readonly CellWrite[], batch: WriteBatch) => readonly CellWrite[],
): () => StorageDriver {
  return () => wrapped((store) => ({ write: (batch) => store.write({ ...batch, cells: change(batch.cells, batch) }) }))
}

/** Reads other cells than are there. */
export function reading(
  change: (cells: readonly StoredCell[], query: CellQuery) => readonly StoredCell[],
): () => StorageDriver {
  return () => wrapped((store) => ({ read: async (query) => change(await store.read(query), query) }))
}

/** The page without some of its names. */
export async function filtered(
  store: CellStore,
  query: NamesQuery,
  keeps: (name: string) => boolean,
): Promise<NamesPage> {
  const page = await store.names(query)
  return { ...page, names: page.names.filter(keeps) }
}
