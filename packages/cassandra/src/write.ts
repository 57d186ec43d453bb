import { type CellWrite, failedStore, failedWrite, type StoreFailure, type WriteBatch } from '@kairos/core/driver'
import type { Arrivals } from './arrival.ts'
import { text } from './bytes.ts'
import { ttlOf } from './expiry.ts'
import { faultOf } from './failures.ts'
import { hasDeltas, hasParts, windowKey } from './layout.ts'
import type { StoreContext } from './place.ts'
import type { PendingWindow, Registration } from './registration.ts'
import { type CellWindow, partOf, type RowsOfBatch, type RowWrite, rowsOf, valuesIn } from './rows.ts'
import type { Window } from './windows.ts'
import type { Writer } from './writer.ts'

/** Rows of one partition that are sent together. */
interface Request {
  readonly rows: readonly RowWrite[]
  done: boolean
  /** Some attempt may have stored it. */
  doubtful: boolean
}

/** A batch as it is sent, and sent again: under the same timestamp, by the same writer, so that again adds nothing. */
interface PreparedBatch {
  readonly timestamp: number
  readonly writer: Writer | undefined
  readonly requests: readonly Request[]
  /** It asks for exactly-once: core may hand it in again. */
  readonly repeated: boolean
  /** Cells whose window could not be registered. */
  readonly unregistered: readonly CellWrite[]
  readonly cause: unknown
}

/** What a store writes with. */
export interface WriteContext {
  readonly context: StoreContext
  readonly registration: Registration
  readonly arrivals: Arrivals
  /** Batches that ask for exactly-once, by themselves: core hands in the same object again. */
  readonly prepared: WeakMap<WriteBatch, PreparedBatch>
}

/** Statements to a batch, at most. */
const MOST_ROWS = 64
/** After so many requests that failed, the rest is not tried: they would all wait for the same node. */
const MOST_FAILURES = 8

/** Rejects with a WriteFailure, or, before anything was sent, with a StoreFailure that lists nothing as applied. */
export async function writeBatch(
  writing: WriteContext,
  batch: WriteBatch,
  signal: AbortSignal | undefined,
): Promise<void> {
  let prepared = writing.prepared.get(batch)
  if (prepared === undefined) {
    prepared = await prepare(writing, batch)
    // Cells whose window is not registered would be missing for ever.
    if (batch.id !== undefined && prepared.unregistered.length === 0) writing.prepared.set(batch, prepared)
  }
  await send(writing, prepared, signal)
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
  const shared: RowsOfBatch = { context, timestamp: clock.tick(), arrivals, writer }
  const requests = runs.flatMap((run) => requestsOf(rowsOfRun(shared, run), context.tuning.batchBytes))
  return { timestamp: shared.timestamp, writer, requests, repeated: batch.id !== undefined, unregistered, cause }
}

/** Nothing was sent: all of it is known not to be applied. */
function nothingWritten({ cells }: WriteBatch, error: unknown): Error {
  return failedWrite(messageOf(error), { retry: retryOf(error), notApplied: cells, cause: error })
}

interface RunOfCells {
  readonly cells: CellWrite[]
  readonly key: string
  readonly window: Window
}

/** Groups a sorted batch by window, and registers the windows that are new. */
async function registeredRuns(
  { context, registration }: WriteContext,
  { cells }: WriteBatch,
): Promise<{ runs: RunOfCells[]; unregistered: CellWrite[]; cause: unknown }> {
  const parted = hasParts(context.layout.type)
  const wanted = new Map<string, PendingWindow>()
  const found = runsOf(context, cells).map((run) => {
    const window = registration.find(run.key, run.window)
    if (window === undefined) wanted.set(run.key, pendingOf(context, run.cells[0]!, run.window))
    return { run, window }
  })
  const registered = wanted.size === 0 ? undefined : await registration.register(wanted, parted)
  const runs: RunOfCells[] = []
  const unregistered: CellWrite[] = []
  let cause: unknown
  for (const { run, window = registered?.get(run.key)?.window } of found) {
    if (window === undefined) {
      unregistered.push(...run.cells)
      cause = registered?.get(run.key)?.error
      continue
    }
    if (parted) registration.count(run.key, valuesIn(context.layout.type, run.cells))
    runs.push({ ...run, window })
  }
  return { runs, unregistered, cause }
}

function runsOf({ windowings }: StoreContext, cells: readonly CellWrite[]): RunOfCells[] {
  const runs: RunOfCells[] = []
  let run: (RunOfCells & { name: string; interval: string }) | undefined
  for (const cell of cells) {
    const window = windowings[cell.interval]!.of(cell.bucket, cell.resolutionBucket)
    const same =
      run !== undefined &&
      run.name === cell.name &&
      run.interval === cell.interval &&
      run.window.win === window.win &&
      run.window.sub === window.sub
    if (!same) {
      const key = `${window.win} ${window.sub} ${cell.interval.length} ${cell.interval}${cell.name}`
      run = { cells: [], key, window, name: cell.name, interval: cell.interval }
      runs.push(run)
    }
    run!.cells.push(cell)
  }
  return runs
}

function pendingOf(
  { schema, windowings, intervalKey }: StoreContext,
  { name, interval }: CellWrite,
  window: Window,
): PendingWindow {
  const expiresAt = schema.intervals[interval]!.expiresAt(windowings[interval]!.lastBucket(window.win))
  return { name, interval: intervalKey(interval), window, expiresAt }
}

/** The rows of the cells of one window. */
function rowsOfRun(shared: RowsOfBatch, { cells, key, window }: RunOfCells): RowWrite[] {
  const { schema, clock, intervalKey, layout } = shared.context
  const { name, interval } = cells[0]!
  const { expiresAt } = schema.intervals[interval]!
  const bytes = windowKey(text(name), text(intervalKey(interval)), window)
  const now = clock.now()
  const rows: RowWrite[] = []
  let bucket: number | undefined
  let cellWindow: CellWindow | undefined
  for (const cell of cells) {
    if (cellWindow === undefined || cell.bucket !== bucket) {
      bucket = cell.bucket
      const expiry = expiresAt(bucket)
      cellWindow = { key: bytes, text: `${window.part} ${key}`, ttl: ttlOf(expiry, now), expiresAt: expiry ?? 0 }
    }
    for (const row of rowsOf[layout.type](shared, cell, cellWindow)) rows.push(row)
  }
  return rows
}

/** Rows of one partition in requests of a size that servers take without a warning. */
function requestsOf(rows: readonly RowWrite[], mostBytes: number): Request[] {
  const requests: Request[] = []
  let together: RowWrite[] = []
  let bytes = 0
  for (const row of rows) {
    const size = sizeOf(row)
    if (together.length > 0 && (bytes + size > mostBytes || together.length === MOST_ROWS)) {
      requests.push({ rows: together, done: false, doubtful: false })
      together = []
      bytes = 0
    }
    together.push(row)
    bytes += size
  }
  if (together.length > 0) requests.push({ rows: together, done: false, doubtful: false })
  return requests
}

function sizeOf({ bound }: RowWrite): number {
  return bound.values.reduce((sum, value) => sum + (value?.length ?? 0), 0)
}

interface Failure {
  readonly request: Request
  /** Certainly not stored, by this attempt or an earlier one. */
  readonly refused: boolean
  readonly error: unknown
}

/** Sends what is not known to be stored. */
async function send(writing: WriteContext, prepared: PreparedBatch, signal: AbortSignal | undefined): Promise<void> {
  const { context } = writing
  const { requests, unregistered } = prepared
  const failures: Failure[] = []
  let next = 0
  const work = async (): Promise<void> => {
    while (next < requests.length) {
      const request = requests[next++]!
      if (request.done) continue
      const unsent = signal?.aborted || failures.length >= MOST_FAILURES
      const failure = unsent
        ? fail(context, prepared, request, true, failures[0]?.error ?? signal?.reason)
        : await sendOne(context, prepared, request)
      if (failure !== null) failures.push(failure)
    }
  }
  await Promise.all(Array.from({ length: Math.min(requests.length, context.tuning.concurrency) }, work))
  if (failures.length === 0 && unregistered.length === 0) return
  const cause = failures[0]?.error ?? prepared.cause
  throw failedWrite(messageOf(cause), {
    retry: [...failures.map(({ error }) => error), cause].some((error) => retryOf(error) === 'never')
      ? 'never'
      : 'later',
    notApplied: [
      ...unregistered,
      ...cellsOf(
        writing,
        failures.filter(({ refused }) => refused),
      ),
    ],
    maybeApplied: cellsOf(
      writing,
      failures.filter(({ refused }) => !refused),
    ),
    cause,
  })
}

async function sendOne(context: StoreContext, prepared: PreparedBatch, request: Request): Promise<Failure | null> {
  const { session, clock, tuning, folding } = context
  const { timestamp, writer } = prepared
  const age = (): number => clock.now() - timestamp / 1000
  // Who folds counts on it that nothing so old is sent any more.
  if (age() > tuning.settle || writer?.valid() === false) return fail(context, prepared, request, true, TOO_LATE)
  try {
    await session.write(
      request.rows.map(({ bound }) => bound),
      timestamp,
    )
  } catch (error) {
    return fail(context, prepared, request, faultOf(error).refused, error)
  }
  if (writer !== undefined && (writer.late() || age() > tuning.adoptAfter / 2))
    return fail(context, prepared, request, false, TOO_LATE)
  request.done = true
  for (const { own } of request.rows) if (own !== undefined) folding.end(own, timestamp, 'stored')
  return null
}

const TOO_LATE = failedStore('the write took longer than its writer may be trusted for', 'later')

function fail(
  { folding }: StoreContext,
  { timestamp, repeated }: PreparedBatch,
  request: Request,
  refused: boolean,
  error: unknown,
): Failure {
  if (!refused) request.doubtful = true
  // One that will be sent again under its old timestamp must not be folded past.
  const outcome = request.doubtful || repeated ? 'unknown' : 'refused'
  for (const { own } of request.rows) if (own !== undefined) folding.end(own, timestamp, outcome)
  return { request, refused: !request.doubtful, error }
}

/** The cells of requests that failed, each once, with the part concerned. */
function cellsOf({ context: { layout }, arrivals }: WriteContext, failures: readonly Failure[]): CellWrite[] {
  const rows = new Map<CellWrite, RowWrite[]>()
  for (const row of failures.flatMap(({ request }) => request.rows)) {
    const ofCell = rows.get(row.cell)
    if (ofCell === undefined) rows.set(row.cell, [row])
    else ofCell.push(row)
  }
  return [...rows].map(([cell, ofCell]) => {
    // Requests end in any order; what is written again keeps its place among what was stored.
    const inOrder = layout.type === 'series' ? ofCell.sort((a, b) => Buffer.compare(timeOf(a), timeOf(b))) : ofCell
    const part = partOf(layout.type, cell, inOrder)
    if (layout.type === 'series')
      arrivals.keep(
        part,
        inOrder.map(({ at }) => at!),
      )
    return part
  })
}

/** The bytes of a version 1 UUID's time, the most significant first. */
function timeOf({ at }: RowWrite): Buffer {
  return Buffer.concat([at!.subarray(6, 8), at!.subarray(4, 6), at!.subarray(0, 4)])
}

function retryOf(error: unknown): StoreFailure['retry'] {
  return error instanceof Error && 'retry' in error ? (error.retry as StoreFailure['retry']) : faultOf(error).retry
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
