import type { CellStore, DriverCallOptions } from '@kairos/core/driver'
import { type BegunDrops, dropPlace } from '../schema/drop.ts'
import { boundsOf } from './bounds.ts'
import type { StoreContext } from './context.ts'
import { deleteNames, deleteRange, deleteRegistered } from './delete.ts'
import { decodeRow, fetchCells } from './fetch.ts'
import { mergeCells } from './merge.ts'
import { pageOfLiveNames } from './names-page.ts'
import { readCells } from './read.ts'
import { replaceCells } from './replace-cells.ts'
import { queueCells, refusePipeline, writeCells } from './write.ts'

/** The driver's calls on an open store. */
export function createStore(opened: StoreContext): CellStore {
  const contextOf = (options: DriverCallOptions | undefined): StoreContext =>
    options?.signal === undefined ? opened : { ...opened, signal: options.signal }
  const begunDrops: BegunDrops = new Map()
  return {
    async write(batch, { driverOptions } = {}) {
      if (driverOptions?.pipeline === undefined) return writeCells(opened, batch)
      return queueCells(opened, batch, driverOptions.pipeline)
    },
    read: (query, options) => readCells(contextOf(options), query),
    bounds: (query, options) => boundsOf(contextOf(options), query),
    names: (query, options) => pageOfLiveNames(contextOf(options), query),
    async delete(names, options) {
      refusePipeline(options?.driverOptions)
      await deleteNames(contextOf(options), names)
    },
    async deleteRange(query, options) {
      refusePipeline(options?.driverOptions)
      await deleteRange(contextOf(options), query)
    },
    async replace(batch, options) {
      refusePipeline(options?.driverOptions)
      return replaceCells(opened, batch)
    },
    merge: (query, options) => mergeCells(contextOf(options), query),
    drop: (interval, options) => dropPlace(contextOf(options), interval, begunDrops, deleteRegistered),
    fetch: (query, fetch, options) => fetchCells(contextOf(options), query, fetch),
    decodeRow: (row) => decodeRow(opened, row),
  }
}
