import {
  type CellStore,
  type DriverCallOptions,
  type EventStorage,
  failedStore,
  failedWrite,
  type OpenedStore,
  type StorageDriver,
  type StoreFailure,
  type WriteBatch,
} from '@kairos/core/driver'

/** A call that is about to reach a driver. */
export interface InjectedCall {
  /** Whose it is: of a timeseries' cells, or of event streams. */
  readonly on: 'cells' | 'events'
  readonly method:
    | 'open'
    | 'write'
    | 'read'
    | 'bounds'
    | 'names'
    | 'delete'
    | 'deleteRange'
    | 'sweep'
    | 'replace'
    | 'merge'
    | 'drop'
    | 'fetch'
    | 'append'
    | 'count'
    | 'streams'
    | 'keyAt'
  /** Counts the calls of this method, from 1. */
  readonly number: number
  /** The arguments of the driver's method. */
  readonly args: readonly unknown[]
}

/**
 * What happens to a call:
 * - `before`: it fails, and nothing has reached the store. For a write, everything is `notApplied`.
 * - `after`: the store does everything, and then it fails without saying so. For a write, everything is `maybeApplied`.
 * - `lost`: the store does everything, and no answer comes until its signal aborts or the driver is closed.
 * - `part`: the store does the first half of a write's cells, an append's events or a delete's names, and then it fails. For a write, the two
 *   cells beside the cut are `maybeApplied`, those after them `notApplied`. What cannot be halved behaves like `after`: other calls, a batch that is
 *   stored exactly once. An append to a store that promises `atomic` behaves like `before`.
 */
export type InjectedFault = 'before' | 'after' | 'lost' | 'part'

/** The fault of one call. */
export interface Injected {
  /** Absent: none, it is only delayed. */
  readonly fault?: InjectedFault
  /** Waits this many milliseconds first. */
  readonly delay?: number
  /** What the failure says about a retry; default `'later'`, so that Kairos retries. */
  readonly retry?: StoreFailure['retry']
}

/**
 * The same driver, some calls of which fail, wait or lose their answers, as its store's would: for tests of what an application does then, and
 * of drivers.
 * @param decide called for each call, in order; null, or nothing: the call passes
 * @example
 * // Every third write is stored, but its answer is lost.
 * const driver = injectFaults(memoryDriver(), ({ method, number }) => method === 'write' && number % 3 === 0 ? { fault: 'after' } : null)
 */
export function injectFaults<Driver extends StorageDriver>(
  driver: Driver,
  decide: (call: InjectedCall) => Injected | null | undefined,
): Driver {
  const counts = new Map<string, number>()
  const closing = new AbortController()
  const inject: Inject = async (on, method, args, { work, half, failed = failedStore }) => {
    const key = `${on} ${method}`
    const number = (counts.get(key) ?? 0) + 1
    counts.set(key, number)
    const { fault, delay, retry = 'later' } = decide({ on, method, number, args }) ?? {}
    if (delay !== undefined) await new Promise((resolve) => setTimeout(resolve, delay))
    const fail = (): never => {
      throw failed(`injected fault: ${fault}`, retry, fault!)
    }
    if (fault === undefined) return work()
    if (fault === 'before') return fail()
    await (fault === 'part' ? (half ?? work)() : work())
    if (fault === 'lost') await ended([signalOf(args), closing.signal])
    return fail()
  }
  const faulty: StorageDriver = {
    spec: driver.spec,
    id: driver.id,
    capabilities: driver.capabilities,
    open: (...args) =>
      inject('cells', 'open', args, {
        work: async (): Promise<OpenedStore> => {
          const opened = await driver.open(...args)
          return { ...opened, store: faultyCells(opened.store, inject) }
        },
      }),
    ...(driver.openEvents !== undefined && {
      openEvents: (...args) =>
        inject('events', 'open', args, {
          work: async () =>
            faultyEvents(await driver.openEvents!(...args), driver.capabilities.events?.atomic === true, inject),
        }),
    }),
    close() {
      closing.abort()
      return driver.close()
    },
  }
  return faulty as Driver
}

interface Work<T> {
  work(): Promise<T>
  /** Does the first half of it. */
  half?(): Promise<unknown>
  /** What it fails with. */
  failed?(message: string, retry: StoreFailure['retry'], fault: InjectedFault): Error
}
type Inject = <T>(
  on: InjectedCall['on'],
  method: InjectedCall['method'],
  args: readonly unknown[],
  work: Work<T>,
) => Promise<T>

function faultyCells(store: CellStore, inject: Inject): CellStore {
  return {
    write: (...args) => inject('cells', 'write', args, writeOf(store, ...args)),
    read: (...args) => inject('cells', 'read', args, { work: () => store.read(...args) }),
    bounds: (...args) => inject('cells', 'bounds', args, { work: () => store.bounds(...args) }),
    names: (...args) => inject('cells', 'names', args, { work: () => store.names(...args) }),
    delete: (...args) =>
      inject('cells', 'delete', args, {
        work: () => store.delete(...args),
        half: () => store.delete(halfOf(args[0]), args[1]),
      }),
    deleteRange: (...args) => inject('cells', 'deleteRange', args, { work: () => store.deleteRange(...args) }),
    ...(store.replace !== undefined && {
      replace: (...args) => inject('cells', 'replace', args, { work: () => store.replace!(...args) }),
    }),
    ...(store.merge !== undefined && {
      merge: (...args) => inject('cells', 'merge', args, { work: () => store.merge!(...args) }),
    }),
    ...(store.drop !== undefined && {
      drop: (...args) => inject('cells', 'drop', args, { work: () => store.drop!(...args) }),
    }),
    ...(store.sweep !== undefined && {
      sweep: (...args) => inject('cells', 'sweep', args, { work: () => store.sweep!(...args) }),
    }),
    ...(store.fetch !== undefined && {
      fetch: (...args) => inject('cells', 'fetch', args, { work: () => store.fetch!(...args) }),
    }),
    ...(store.decodeRow !== undefined && { decodeRow: (row) => store.decodeRow!(row) }),
  }
}

function writeOf(
  store: CellStore,
  batch: WriteBatch,
  options?: DriverCallOptions,
): Work<Awaited<ReturnType<CellStore['write']>>> {
  const { cells, id } = batch
  const cut = Math.ceil(cells.length / 2)
  return {
    work: () => store.write(batch, options),
    ...(id === undefined && {
      async half() {
        try {
          await store.write({ ...batch, cells: cells.slice(0, cut) }, options)
        } catch (cause) {
          // If it fails itself, the failure says nothing about the half that it did not receive.
          throw failedWrite('a part of a write failed by itself', { retry: 'never', maybeApplied: cells, cause })
        }
      },
    }),
    failed(message, retry, fault) {
      if (fault === 'before') return failedWrite(message, { retry, notApplied: cells })
      if (fault !== 'part' || id !== undefined) return failedWrite(message, { retry, maybeApplied: cells })
      return failedWrite(message, {
        retry,
        maybeApplied: cells.slice(cut - 1, cut + 1),
        notApplied: cells.slice(cut + 1),
      })
    },
  }
}

function faultyEvents(storage: EventStorage, atomic: boolean, inject: Inject): EventStorage {
  return {
    append: (...args) =>
      inject('events', 'append', args, {
        work: () => storage.append(...args),
        half: async () => {
          const [stream, events, options] = args
          if (!atomic) await storage.append(stream, halfOf(events), options)
        },
      }),
    read: (...args) => inject('events', 'read', args, { work: () => storage.read(...args) }),
    ...(storage.keyAt && {
      keyAt: (...args) => inject('events', 'keyAt', args, { work: () => storage.keyAt!(...args) }),
    }),
    count: (...args) => inject('events', 'count', args, { work: () => storage.count(...args) }),
    delete: (...args) => inject('events', 'delete', args, { work: () => storage.delete(...args) }),
    streams: (...args) => inject('events', 'streams', args, { work: () => storage.streams(...args) }),
  }
}

/** The first half, rounded up; everything if it is not a list. */
function halfOf<T>(list: readonly T[]): readonly T[]
function halfOf<T>(list: readonly T[] | null): readonly T[] | null
function halfOf<T>(list: readonly T[] | null): readonly T[] | null {
  return list?.slice(0, Math.ceil(list.length / 2)) ?? null
}

/** Of the options, which every method takes last. */
function signalOf(args: readonly unknown[]): AbortSignal | undefined {
  return (args.at(-1) as DriverCallOptions | null | undefined)?.signal
}

function ended(signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      if (signal?.aborted) resolve()
      signal?.addEventListener('abort', () => resolve(), { once: true })
    }
  })
}
