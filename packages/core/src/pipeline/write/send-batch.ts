import { Attempts } from '../../calls/attempts.ts'
import { Ended } from '../../calls/ended.ts'
import { isConfigChanged } from '../../calls/final-failures.ts'
import { isWriteFailure, retryOf } from '../../calls/store-failures.ts'
import { KairosError } from '../../errors.ts'
import { type CallPlan, type Context, stepOf } from '../context.ts'
import { type CellOf, keyOf, type Outcome, Undecided } from './undecided.ts'

/** How one batch is sent. */
export interface Sending<Cell extends CellOf, Batch extends { readonly cells: readonly Cell[] }, Receipt> {
  readonly operation: 'write' | 'replace'
  /** Whether what may have been applied may be sent again. */
  readonly repeatable: boolean
  /** Whether each attempt sends the same batch. */
  readonly whole: boolean
  batchOf(cells: readonly Cell[]): Batch
  send(batch: Batch): Promise<Receipt>
}

/** What became of a batch. */
export interface Sent<Cell extends CellOf, Receipt> {
  /** Null: everything is stored. */
  readonly outcome: Outcome<Cell> | null
  /** Of the attempt that succeeded, with the cells that it sent. */
  readonly receipt: Receipt | undefined
  readonly cells: readonly Cell[]
  /** Whether an earlier attempt may have stored some of it. */
  readonly doubted: boolean
}

/**
 * Sends a batch, and again what was not stored. Resolves to null if everything was stored at once and the store said no more than that, as most do:
 * a promise looks up `then` in each object that it resolves to.
 */
export function sendBatch<Cell extends CellOf, Batch extends { readonly cells: readonly Cell[] }, Receipt>(
  context: Context,
  plan: CallPlan,
  cells: readonly Cell[],
  sending: Sending<Cell, Batch, Receipt>,
): Promise<Sent<Cell, Receipt> | null> {
  const { operation } = sending
  const attempts = new Attempts(
    stepOf(context, plan, operation, operation, plan.callOptions.driverOptions !== undefined),
  )
  const batch = sending.batchOf(cells)
  return attempts.first<Receipt, Sent<Cell, Receipt> | null>(
    () => sending.send(batch),
    (receipt) => (receipt === undefined ? null : { outcome: null, receipt, cells, doubted: false }),
    (error) => sendAgain(attempts, batch, sending, error),
    cells.length,
  )
}

/**
 * The only retry loop for writes. What was not applied is sent again; what may have been applied, only where that does no harm. A call
 * with driver options (a pipeline, a transaction) is never retried.
 */
async function sendAgain<Cell extends CellOf, Batch extends { readonly cells: readonly Cell[] }, Receipt>(
  attempts: Attempts,
  first: Batch,
  { repeatable, whole, batchOf, send }: Sending<Cell, Batch, Receipt>,
  firstError: unknown,
): Promise<Sent<Cell, Receipt>> {
  const undecided = new Undecided<Cell>()
  let batch = first
  let error = firstError
  for (;;) {
    const fault = faultOf<Cell>(batch, error)
    const again = repeatable ? [...fault.notApplied, ...fault.maybeApplied] : fault.notApplied
    const failed = (notApplied: readonly Cell[], cause: unknown): Sent<Cell, Receipt> => ({
      outcome: undecided.outcome(notApplied, fault.retry, cause),
      receipt: undefined,
      cells: batch.cells,
      doubted: !undecided.isEmpty,
    })
    // What this attempt wrote again and does not list is stored, whatever happened to an earlier one.
    if (repeatable && !(error instanceof Ended && error.verdict === undefined)) undecided.keep(again)
    undecided.add(fault)
    if (again.length === 0) return failed([], fault.cause)
    if (error instanceof Ended) return failed(fault.notApplied, error)
    try {
      if (!(await attempts.again(fault.retry, fault.cause))) return failed(fault.notApplied, fault.cause)
    } catch (ended) {
      return failed(fault.notApplied, ended)
    }
    if (!whole) batch = batchOf(inOrder(batch.cells, again))
    try {
      const receipt = await attempts.make(() => send(batch), batch.cells.length)
      return { outcome: undecided.settled(repeatable), receipt, cells: batch.cells, doubted: !undecided.isEmpty }
    } catch (next) {
      error = next
    }
  }
}

function faultOf<Cell extends CellOf>({ cells }: { readonly cells: readonly Cell[] }, error: unknown): Outcome<Cell> {
  const verdict = error instanceof Ended ? error.verdict : error
  if (isWriteFailure<Cell>(verdict)) {
    const { notApplied, maybeApplied } = verdict
    return { notApplied, maybeApplied, retry: error instanceof Ended ? 'later' : retryOf(error), cause: error }
  }
  // If the store refused the whole batch, or the driver an option, or it was not asked, nothing was applied; any other failure says nothing.
  const untouched = isConfigChanged(error) || KairosError.is(error) || (error instanceof Ended && !error.sent)
  return {
    notApplied: untouched ? cells : [],
    maybeApplied: untouched ? [] : cells,
    retry: error instanceof Ended ? 'later' : 'never',
    cause: error,
  }
}

/** The cells in batch order: a driver may collect its failures in any order. */
function inOrder<Cell extends CellOf>(batch: readonly Cell[], cells: readonly Cell[]): readonly Cell[] {
  const place = new Map(batch.map((cell, index) => [keyOf(cell), index]))
  return [...cells].sort((a, b) => (place.get(keyOf(a)) ?? 0) - (place.get(keyOf(b)) ?? 0))
}
