import type { CellStore } from '@kairos/core/driver'
import { Arrivals } from './arrival.ts'
import { decodeRow, fetchCells } from './fetch.ts'
import { boundsOf, namesWithData } from './lookup.ts'
import type { StoreContext } from './place.ts'
import { readCells } from './read.ts'
import { Registration } from './registration.ts'
import { removeCells } from './remove.ts'
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
