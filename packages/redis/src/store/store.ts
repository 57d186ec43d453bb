import { type CellStore, type DriverCallOptions, failedStore, pageOfNames } from '@kairos/core/driver'
import { boundsOf } from './bounds.ts'
import type { StoreContext } from './context.ts'
import { deleteNames } from './delete.ts'
import { decodeRow, fetchCells } from './fetch.ts'
import { liveNames } from './names.ts'
import { readCells } from './read.ts'
import { queueCells, refusePipeline, writeCells } from './write.ts'

/** The driver's calls on an open store. */
export function createStore(opened: StoreContext): CellStore {
  const contextOf = (options: DriverCallOptions | undefined): StoreContext =>
    options?.signal === undefined ? opened : { ...opened, signal: options.signal }
  return {
    async write(batch, { driverOptions } = {}) {
      if (driverOptions?.pipeline === undefined) return writeCells(opened, batch)
      return queueCells(opened, batch, driverOptions.pipeline)
    },
    read: (query, options) => readCells(contextOf(options), query),
    bounds: (query, options) => boundsOf(contextOf(options), query),
    names: async (query, options) => pageOfNames(await liveNames(contextOf(options), query.oldestLive), query),
    deleteRange: () => Promise.reject(failedStore('deleteRange is not built', 'never')),
    async delete(names, options) {
      refusePipeline(options?.driverOptions)
      await deleteNames(contextOf(options), names)
    },
    fetch: (query, fetch, options) => fetchCells(contextOf(options), query, fetch),
    decodeRow: (row) => decodeRow(opened, row),
  }
}
