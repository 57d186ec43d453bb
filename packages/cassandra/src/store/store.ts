import type { CellStore } from '@kairos/core/driver'
import { Registration } from '../registry/window-cache.ts'
import { Arrivals } from '../values/arrival-uuid.ts'
import type { StoreContext } from './context.ts'
import { removeCells } from './delete.ts'
import { decodeRow, fetchCells } from './fetch.ts'
import { boundsOf, namesWithData } from './names-and-bounds.ts'
import { readCells } from './read.ts'
import { type WriteContext, writeBatch } from './write.ts'

export function createStore(context: StoreContext): CellStore {
  const writing: WriteContext = {
    context,
    registration: new Registration(context.session, context.clock, context.registry, context.tuning),
    arrivals: new Arrivals(),
    prepared: new WeakMap(),
  }
  const ownIntervals = Object.keys(context.schema.intervals).map(context.intervalKey)
  return {
    write: (batch, options) => writeBatch(writing, batch, options?.signal),
    read: (query) => readCells(context, query),
    bounds: (query) => boundsOf(context, query),
    names: (oldestLive) => namesWithData(context, oldestLive),
    delete: (names) => removeCells(context, names, ownIntervals),
    fetch: (query, callerFetch) => fetchCells(context, query, callerFetch),
    decodeRow: (row) => decodeRow(context, row),
  }
}
