import type { CellStore } from '@kairos/core/driver'
import { WindowCache } from '../registry/window-cache.ts'
import { ArrivalUuids } from '../values/arrival-uuid.ts'
import { boundsOf } from './bounds.ts'
import type { StoreContext } from './context.ts'
import { deleteCells, deleteRange } from './delete.ts'
import { decodeRow, fetchCells } from './fetch.ts'
import { pageOfLiveNames } from './names-page.ts'
import { readCells } from './read.ts'
import { replaceCells } from './replace-cells.ts'
import { type WriteContext, writeBatch } from './write.ts'

/** The calls of an opened timeseries, without regard to its lease. */
export function createStore(context: StoreContext): CellStore {
  const writing: WriteContext = {
    context,
    windowCache: new WindowCache(context.session, context.clock, context.registry, context.timings),
    arrivals: new ArrivalUuids(),
    prepared: new WeakMap(),
  }
  const ownIntervals = Object.keys(context.schema.intervals).map(context.intervalKey)
  return {
    write: (batch, options) => writeBatch(writing, batch, options?.signal),
    read: (query) => readCells(context, query),
    bounds: (query) => boundsOf(context, query),
    names: (query) => pageOfLiveNames(context, query),
    deleteRange: (query) => deleteRange(context, query),
    replace: (batch, options) => replaceCells(writing, batch, options?.signal),
    delete: (names) => deleteCells(context, names, ownIntervals),
    fetch: (query, callerFetch) => fetchCells(context, query, callerFetch),
    decodeRow: (row) => decodeRow(context, row),
  }
}
