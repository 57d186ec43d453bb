import { memoryDriver } from '@kairos/core'
import {
  type Capabilities,
  type CellQuery,
  type CellStore,
  type CellWrite,
  expiryOf,
  type NamesPage,
  type NamesQuery,
  type OpenOptions,
  type StorageDriver,
  type StoredCell,
  type StoreSchema,
  type WriteBatch,
} from '@kairos/core/driver'

/** A fault, and the tests that must notice it. */
export interface BrokenDriver {
  readonly fault: string
  readonly create: () => StorageDriver
  /** The fault shows between two drivers that share data. */
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

/** The memory driver, with some calls of its store replaced. */
export function wrapped(wrap: Break, capabilities: Partial<Capabilities> = {}): StorageDriver {
  const memory = memoryDriver()
  return {
    ...memory,
    capabilities: { ...memory.capabilities, ...capabilities },
    async open(schema, options = {}) {
      const { store, records } = await memory.open(schema, options)
      return { store: { ...store, ...(await wrap(store, schema as StoreSchema, options)) }, records }
    },
  }
}

/** Writes cells other than those given. */
export function writing(
  change: (cells: readonly CellWrite[], batch: WriteBatch) => readonly CellWrite[],
): () => StorageDriver {
  return () => wrapped((store) => ({ write: (batch) => store.write({ ...batch, cells: change(batch.cells, batch) }) }))
}

/** Reads cells other than those stored. */
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

/** For each type of the memory driver. */
export function everyExpiry(how: 'native' | 'none'): Capabilities['expiry'] {
  return expiryOf(memoryDriver().capabilities.types!, how)
}
