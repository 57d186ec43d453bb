import { type CellWrite, failedStore, failedWrite, messageOf } from '@kairos/core/driver'
import { type RequestFailure, retryOf } from '../connection/failures.ts'
import type { Writer } from '../folding/writer-lease.ts'
import type { ArrivalUuids } from '../values/arrival-uuid.ts'
import type { StoreContext } from './context.ts'
import { partOf, type RowWrite } from './encode-cells.ts'

/** Rows of one partition, sent together. */
export class Request {
  readonly rows: readonly RowWrite[]
  /** It is stored. */
  done = false
  /** An attempt may have stored it. */
  inDoubt = false

  constructor(rows: readonly RowWrite[]) {
    this.rows = rows
  }
}

/** A batch as it is sent, and sent again: under the same timestamp and by the same writer, so that a repeat adds nothing. */
export interface PreparedBatch {
  readonly timestamp: number
  readonly writer: Writer | undefined
  /** Requests made so far; kept only if `repeated`. */
  readonly made: Request[]
  /** Makes the other requests as they can be sent: servers work on the first while later ones are made, and few rows are in memory. */
  readonly rest: Iterator<Request, undefined>
  /** An exactly-once batch: core may pass it again. */
  readonly repeated: boolean
  /** Cells whose window could not be registered. */
  readonly unregistered: readonly CellWrite[]
  /** Why it could not. */
  readonly cause: unknown
}

/** What sending needs of a store. */
export interface SendContext {
  readonly context: StoreContext
  readonly arrivals: ArrivalUuids
}

/** After this many failed requests the rest is not sent: it would only wait for the same node. */
const MOST_FAILURES = 8

interface Failure {
  readonly request: Request
  /** Certainly not stored, neither by this attempt nor by an earlier one. */
  readonly notApplied: boolean
  readonly error: unknown
}

/**
 * Sends the requests of a batch that are not yet known to be stored.
 * @throws WriteFailure that says what became of each
 */
export async function sendBatch(
  writing: SendContext,
  prepared: PreparedBatch,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await sendRequests(writing, prepared, signal)
  } finally {
    writing.context.folding.settled(prepared.timestamp)
  }
}

async function sendRequests(
  writing: SendContext,
  prepared: PreparedBatch,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { context } = writing
  const { unregistered } = prepared
  const failures: Failure[] = []
  const requests = requestsOf(prepared)
  const work = async (first: Request): Promise<void> => {
    for (let request: Request | undefined = first; request !== undefined; request = requests.next().value) {
      const unsent = signal?.aborted || failures.length >= MOST_FAILURES
      const failure = unsent
        ? fail(context, prepared, request, true, failures[0]?.error ?? signal?.reason)
        : await sendOne(context, prepared, request, signal)
      if (failure !== null) failures.push(failure)
    }
  }
  const working: Promise<void>[] = []
  while (working.length < context.timings.concurrency) {
    const first = requests.next().value
    if (first === undefined) break
    working.push(work(first))
  }
  await Promise.all(working)
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
        failures.filter(({ notApplied }) => notApplied),
      ),
    ],
    maybeApplied: cellsOf(
      writing,
      failures.filter(({ notApplied }) => !notApplied),
    ),
    cause,
  })
}

/** The requests to send: first those made earlier and not yet done, then the rest as it is made. */
function* requestsOf({ made, rest, repeated }: PreparedBatch): Generator<Request, undefined> {
  for (const request of [...made]) if (!request.done) yield request
  for (let next = rest.next(); !next.done; next = rest.next()) {
    if (repeated) made.push(next.value)
    yield next.value
  }
}

async function sendOne(
  context: StoreContext,
  prepared: PreparedBatch,
  request: Request,
  signal: AbortSignal | undefined,
): Promise<Failure | null> {
  const { session, clock, timings, folding } = context
  const { timestamp, writer } = prepared
  const age = (): number => clock.now() - timestamp / 1000
  // Folding relies on nothing older being sent.
  const mayBeSent = (): boolean => age() <= timings.sendWithin && writer?.valid() !== false
  if (!mayBeSent()) return fail(context, prepared, request, true, TOO_LATE)
  try {
    await session.write(
      request.rows.map(({ bound }) => bound),
      timestamp,
      () => !signal?.aborted && mayBeSent(),
    )
  } catch (error) {
    return fail(context, prepared, request, !(error as RequestFailure).inDoubt, error)
  }
  if (writer !== undefined && (writer.late() || age() > timings.staleAfter / 2))
    return fail(context, prepared, request, false, TOO_LATE)
  request.done = true
  for (const row of request.rows) folding.end(row, timestamp, 'stored')
  return null
}

const TOO_LATE = failedStore("the write outlived its writer's lease", 'later')

function fail(
  { folding }: StoreContext,
  { timestamp, repeated }: PreparedBatch,
  request: Request,
  notApplied: boolean,
  error: unknown,
): Failure {
  if (!notApplied) request.inDoubt = true
  // It may be sent again under its old timestamp, so nothing may be folded past it.
  const outcome = request.inDoubt || repeated ? 'inDoubt' : 'notApplied'
  for (const row of request.rows) folding.end(row, timestamp, outcome)
  return { request, notApplied: !request.inDoubt, error }
}

/** The cells of failed requests, each once, with the part that failed. */
function cellsOf({ context: { layout }, arrivals }: SendContext, failures: readonly Failure[]): CellWrite[] {
  const rows = new Map<CellWrite, RowWrite[]>()
  for (const row of failures.flatMap(({ request }) => request.rows)) {
    const ofCell = rows.get(row.cell)
    if (ofCell === undefined) rows.set(row.cell, [row])
    else ofCell.push(row)
  }
  return [...rows].map(([cell, ofCell]) => {
    // Requests end in any order; values that are written again keep their place among those stored.
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

/** The time in a version-1 UUID, most significant byte first. */
function timeOf({ at }: RowWrite): Buffer {
  return Buffer.concat([at!.subarray(6, 8), at!.subarray(4, 6), at!.subarray(0, 4)])
}
