import {
  type Capabilities,
  type CellStore,
  type CellWrite,
  type DriverCallOptions,
  failedWrite,
  type StorageDriver,
  type StoreFailure,
  type WriteBatch,
} from '../../src/driver.ts'
import { memoryDriver } from '../../src/index.ts'

/** What happens to one write: the batch, the memory store's own write, and the options of the call. */
export type Fault = (
  batch: WriteBatch,
  write: (cells: readonly CellWrite[]) => Promise<void>,
  options: DriverCallOptions,
) => Promise<void>

export interface FaultyDriver extends StorageDriver {
  /** One for each of the next writes; after that, writes succeed. */
  readonly faults: Fault[]
  /** The batches written so far, including failed ones, and their options. */
  readonly batches: WriteBatch[]
  readonly calls: DriverCallOptions[]
}

/** A memory driver whose writes fail as the test specifies. */
export function faultyDriver(capabilities: Partial<Capabilities> = {}): FaultyDriver {
  const memory = memoryDriver()
  const faults: Fault[] = []
  const batches: WriteBatch[] = []
  const calls: DriverCallOptions[] = []
  return {
    ...memory,
    id: 'faulty',
    capabilities: { ...memory.capabilities, ...capabilities },
    faults,
    batches,
    calls,
    async open(schema, options) {
      const { store, records } = await memory.open(schema, options)
      const faulty: CellStore = {
        ...store,
        async write(batch, callOptions = {}) {
          batches.push(batch)
          calls.push(callOptions)
          const fault = faults.shift()
          if (fault === undefined) return store.write(batch)
          const write = async (cells: readonly CellWrite[]): Promise<void> =>
            void (await store.write({ ...batch, cells }))
          return fault(batch, write, callOptions)
        },
      }
      return { store: faulty, records }
    },
  }
}

/** The cells that `applied` selects are written, the others are certainly not. */
export function notApplied(retry: StoreFailure['retry'], applied: (cell: CellWrite) => boolean = () => false): Fault {
  return async ({ cells }, write) => {
    await write(cells.filter(applied))
    throw failedWrite('refused', { retry, notApplied: cells.filter((cell) => !applied(cell)) })
  }
}

/** The answer is lost: the cells that `applied` selects are written, but the caller cannot know. */
export function answerLost(retry: StoreFailure['retry'], applied: (cell: CellWrite) => boolean = () => true): Fault {
  return async ({ cells }, write) => {
    await write(cells.filter(applied))
    throw failedWrite('the connection was cut', { retry, maybeApplied: cells })
  }
}
