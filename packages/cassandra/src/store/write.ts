import { type CellPosition, type CellWrite, failedWrite, messageOf, pack, type WriteBatch } from '@kairos/core/driver'
import { retryOf } from '../connection/failures.ts'
import type { BoundStatement } from '../connection/session.ts'
import type { Writer } from '../folding/writer-lease.ts'
import type { PendingWindow, WindowCache } from '../registry/window-cache.ts'
import { type Window, windowName } from '../registry/windows.ts'
import { hasDeltas, hasParts, windowKey } from '../schema/table.ts'
import { ttlOf } from '../values/expiry.ts'
import type { StoreContext } from './context.ts'
import { type CellWindow, type RowsOfBatch, type RowWrite, rowsOf, valuesIn } from './encode-cells.ts'
import { type PreparedBatch, Request, type SendContext, sendBatch } from './send.ts'

/** What writing needs of a store. */
export interface WriteContext extends SendContext {
  readonly windowCache: WindowCache
  /** Exactly-once batches, which core passes again as the same object. */
  readonly prepared: WeakMap<WriteBatch, PreparedBatch>
}

/** Maximum number of statements in a batch. */
const MOST_ROWS = 64

/**
 * Writes a batch of cells.
 * @throws WriteFailure
 */
export async function writeBatch(
  writing: WriteContext,
  batch: WriteBatch,
  signal: AbortSignal | undefined,
): Promise<void> {
  let prepared = writing.prepared.get(batch)
  if (prepared === undefined) {
    prepared = await prepare(writing, batch)
    // Otherwise the repeated batch would never register the windows that are missing.
    if (batch.id !== undefined && prepared.unregistered.length === 0) writing.prepared.set(batch, prepared)
  }
  await sendBatch(writing, prepared, signal)
}

async function prepare(writing: WriteContext, batch: WriteBatch): Promise<PreparedBatch> {
  const { context, arrivals } = writing
  const { clock, lease, layout, folding } = context
  const deltas = hasDeltas(layout.type)
  let writer: Writer | undefined
  try {
    await clock.ready()
    writer = deltas ? await lease.current() : undefined
  } catch (error) {
    throw nothingWritten(batch, error)
  }
  if (deltas) folding.tidy()
  const { runs, unregistered, cause } = await registeredRuns(writing, batch)
  const timestamp = clock.tick()
  folding.sending(timestamp)
  const shared: RowsOfBatch = { context, timestamp, arrivals, writer }
  return {
    timestamp,
    writer,
    made: [],
    rest: requestsOf(shared, runs),
    repeated: batch.id !== undefined,
    unregistered,
    cause,
  }
}

/** Nothing was sent, so no cell was applied. */
function nothingWritten({ cells }: WriteBatch, error: unknown): Error {
  return failedWrite(messageOf(error), { retry: retryOf(error), notApplied: cells, cause: error })
}

/** Cells of a batch that are in one window. */
export interface RunOfCells<Cell = CellWrite> {
  readonly cells: Cell[]
  readonly name: string
  readonly interval: string
  /** The window's column, without its part. */
  readonly column: string
  /** Identifies the name's window in the cache. */
  readonly key: string
  /** With its part once it is registered. */
  window: Window
}

/** Groups a sorted batch by window, and registers new windows. */
async function registeredRuns(
  { context, windowCache }: WriteContext,
  { cells }: WriteBatch,
): Promise<{ runs: RunOfCells[]; unregistered: CellWrite[]; cause: unknown }> {
  const parted = hasParts(context.layout.type)
  const wanted = new Map<string, PendingWindow>()
  const found = runsOf(context, cells)
  const windows = found.map((run) => {
    const window = windowCache.find(run.key, run.window)
    if (window === undefined) wanted.set(run.key, pendingOf(context, run))
    return window
  })
  const registered = wanted.size === 0 ? undefined : await windowCache.register(wanted, parted)
  const runs: RunOfCells[] = []
  const unregistered: CellWrite[] = []
  let cause: unknown
  for (const [index, run] of found.entries()) {
    const window = windows[index] ?? registered?.get(run.key)?.window
    if (window === undefined) {
      unregistered.push(...run.cells)
      cause = registered?.get(run.key)?.error
      continue
    }
    if (parted) windowCache.count(run.key, valuesIn(context.layout.type, run.cells))
    run.window = window
    runs.push(run)
  }
  return { runs, unregistered, cause }
}

/** Groups sorted cells by window. */
export function runsOf<Cell extends CellPosition & { readonly interval: string }>(
  { windowings, intervalKey }: StoreContext,
  cells: readonly Cell[],
): RunOfCells<Cell>[] {
  const runs: RunOfCells<Cell>[] = []
  let run: RunOfCells<Cell> | undefined
  for (const cell of cells) {
    const window = windowings[cell.interval]!.of(cell.bucket, cell.resolutionBucket)
    const same =
      run !== undefined &&
      run.name === cell.name &&
      run.interval === cell.interval &&
      run.window.win === window.win &&
      run.window.sub === window.sub
    if (!same) {
      const { name, interval } = cell
      const column = windowName(intervalKey(interval), window)
      run = { cells: [], name, interval, column, key: `${column.length} ${column}${name}`, window }
      runs.push(run)
    }
    run!.cells.push(cell)
  }
  return runs
}

/** The window of a run, to be registered. */
export function pendingOf(
  { schema, windowings, intervalKey }: StoreContext,
  { name, interval, window }: Omit<RunOfCells<unknown>, 'cells'>,
): PendingWindow {
  const expiresAt = schema.intervals[interval]!.expiresAt(windowings[interval]!.lastBucket(window.win))
  return { name, interval: intervalKey(interval), window, expiresAt }
}

/** The rows of the cells of one window. */
export function rowsOfRun(shared: RowsOfBatch, { cells, name, interval, column, window }: RunOfCells): RowWrite[] {
  const { schema, clock, intervalKey, layout } = shared.context
  const { expiresAt } = schema.intervals[interval]!
  const written = window.part === 0 ? column : windowName(intervalKey(interval), window)
  const key = windowKey(layout, name, written)
  const now = clock.now()
  const rows: RowWrite[] = []
  let bucket: number | undefined
  let cellWindow: CellWindow | undefined
  for (const cell of cells) {
    if (cellWindow === undefined || cell.bucket !== bucket) {
      bucket = cell.bucket
      const expiry = expiresAt(bucket)
      cellWindow = { name: written, key, ttl: ttlOf(expiry, now), expiresAt: expiry ?? 0 }
    }
    for (const row of rowsOf[layout.type](shared, cell, cellWindow)) rows.push(row)
  }
  return rows
}

/** Requests with rows of one partition each, small enough that servers do not warn. */
function* requestsOf(shared: RowsOfBatch, runs: readonly RunOfCells[]): Generator<Request, undefined> {
  const limits = { weightOf: sizeOf, maxWeight: shared.context.timings.batchBytes, maxItems: MOST_ROWS }
  for (const run of runs) for (const rows of pack(rowsOfRun(shared, run), limits)) yield new Request(rows)
}

/** The bytes that a row binds. */
export function sizeOf({ bound }: RowWrite): number {
  return bytesOf(bound)
}

/** The bytes that a statement binds. */
export function bytesOf({ values }: BoundStatement): number {
  let size = 0
  for (const value of values) if (value !== null) size += value.length
  return size
}
