import type { CellStore, DriverCallOptions } from '@kairos/core/driver'
import { boundsOf } from './bounds.ts'
import type { OpenedPlace } from './context.ts'
import { deleteNames } from './delete.ts'
import { decodeRow, fetchCells } from './fetch.ts'
import { liveNames } from './names.ts'
import { readCells } from './read.ts'
import { queueCells, refusePipeline, writeCells } from './write.ts'

/** The cells of an opened place. */
export function storeOf(opened: OpenedPlace): CellStore {
  const placeOf = (options: DriverCallOptions | undefined): OpenedPlace =>
    options?.signal === undefined ? opened : { ...opened, signal: options.signal }
  return {
    async write(batch, { driverOptions } = {}) {
      if (driverOptions?.pipeline === undefined) return writeCells(opened, batch)
      return queueCells(opened, batch, driverOptions.pipeline)
    },
    read: (query, options) => readCells(placeOf(options), query),
    bounds: (query, options) => boundsOf(placeOf(options), query),
    names: (oldestLive, options) => liveNames(placeOf(options), oldestLive),
    async delete(names, options) {
      refusePipeline(options?.driverOptions)
      await deleteNames(placeOf(options), names)
    },
    fetch: (query, fetch, options) => fetchCells(placeOf(options), query, fetch),
    decodeRow: (row) => decodeRow(opened, row),
  }
}
