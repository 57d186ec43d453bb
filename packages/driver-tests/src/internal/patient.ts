import {
  type CellStore,
  isWriteFailure,
  type OpenedStore,
  type OpenOptions,
  retryOf,
  type StorageDriver,
  type StoreSchema,
  type WriteFailure,
} from '@kairos/core/driver'

/** How long a call with temporary failures is repeated, in milliseconds: longer than a lease, for which a replacement waits. */
const PATIENCE = 10_000
const LONGEST_PAUSE = 50

/** Repeats a call while its failure says that this may help, as core does. */
export async function retried<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const began = performance.now()
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      if (performance.now() - began > PATIENCE || retryOf(error) === 'never' || signal?.aborted) throw error
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(attempt, LONGEST_PAUSE)))
    }
  }
}

/** Opens a store whose calls are repeated after temporary failures, which the contract allows. */
export async function openPatiently(
  driver: StorageDriver,
  schema: StoreSchema,
  options?: OpenOptions,
): Promise<OpenedStore> {
  const opened = await retried(() => driver.open(schema, options))
  return { ...opened, store: patientStore(opened.store) }
}

function patientStore(store: CellStore): CellStore {
  return {
    ...store,
    write(batch, options) {
      let left = batch
      return retried(async () => {
        try {
          return await store.write(left, options)
        } catch (error) {
          if (!isWriteFailure(error) || retryOf(error) === 'never') throw error
          // A batch with an id is written again unchanged; without an id, what may be stored is not written twice.
          if (batch.id === undefined && error.maybeApplied.length > 0) throw asFinal(error)
          if (batch.id === undefined) left = { ...batch, cells: error.notApplied }
          throw error
        }
      }, options?.signal)
    },
    read: (...call) => retried(() => store.read(...call)),
    bounds: (...call) => retried(() => store.bounds(...call)),
    names: (...call) => retried(() => store.names(...call)),
    delete: (...call) => retried(() => store.delete(...call)),
    deleteRange: (...call) => retried(() => store.deleteRange(...call)),
    ...(store.replace !== undefined && { replace: (...call) => retried(() => store.replace!(...call)) }),
    ...(store.merge !== undefined && { merge: (...call) => retried(() => store.merge!(...call)) }),
    ...(store.drop !== undefined && { drop: (...call) => retried(() => store.drop!(...call)) }),
    ...(store.sweep !== undefined && { sweep: (...call) => retried(() => store.sweep!(...call)) }),
  }
}

function asFinal(failure: WriteFailure): Error {
  return Object.assign(new Error(failure.message, { cause: failure }), { ...failure, retry: 'never' })
}
