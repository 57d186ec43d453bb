import type { CellWriteResult } from '../../api/cells.ts'
import { isTransactionEnded } from '../../calls/final-failures.ts'
import { aborted } from '../../calls/retry.ts'
import type { CellStore, CellValue, OldestLive } from '../../contract/cells.ts'
import type { CellReplacement } from '../../contract/replacing.ts'
import { countCells } from '../../diagnostics/call-messages.ts'
import type { CallPlan, Context } from '../context.ts'
import { MOST_VALUES } from '../write/batches.ts'
import { openFor } from '../write/commit.ts'
import { type Sent, sendBatch } from '../write/send-batch.ts'
import { keyOf, type Outcome } from '../write/undecided.ts'
import { notWritten, writeFailed } from '../write/write-errors.ts'
import type { CheckedCell } from './check-cell.ts'
import { cellTeller } from './told-cell.ts'

type Replaced = Pick<Sent<CellReplacement, unknown>, 'outcome'> & { readonly unexpected: readonly CellReplacement[] }

/** Replaces the cells of one batch, which are in order, and adds to the tally. */
export async function replaceCells(
  context: Context,
  plan: CallPlan,
  cells: readonly CheckedCell[],
  tally: CellWriteResult,
): Promise<void> {
  const { signal } = plan.callOptions
  if (signal?.aborted) throw notWritten(context, cells, tally, aborted(signal))
  countCells(plan.messages, cells.length)
  context.group?.sendWaiting()
  const opened = context.opened
  const store = opened ?? (await openFor(context, plan, cells, tally))
  const replacing = replaceAll(context, plan, store, cells)
  if (opened === undefined) context.resumed()
  const { outcome, unexpected } = await replacing
  if (unexpected.length > 0) {
    const tell = cellTeller(context.settings)
    // In their order: a driver may collect them in any other, as that of its shards.
    const others = new Set(unexpected.map(keyOf))
    for (const cell of cells) if (others.has(keyOf(cell))) tally.unexpected.push(tell(cell, cell.value, cell.expected))
  }
  const failed = outcome === null ? 0 : outcome.notApplied.length + outcome.maybeApplied.length
  tally.stored += Math.max(0, cells.length - unexpected.length - failed)
  if (outcome === null) return
  if (!isTransactionEnded(outcome.cause)) throw writeFailed(context, outcome, tally)
  tally.stored = 0
  throw writeFailed(context, { ...outcome, notApplied: cells, maybeApplied: [] }, tally)
}

async function replaceAll(
  context: Context,
  plan: CallPlan,
  store: CellStore,
  cells: readonly CheckedCell[],
): Promise<Replaced> {
  const { rules } = context.settings
  const { retention } = context
  const oldestLive = retention.oldestLive(retention.now())
  const [only] = cells
  // A batch holds no more values, so that such a cell is always alone in it.
  if (only?.value != null && rules.size(only.value) > MOST_VALUES)
    return replaceInSteps(context, plan, store, only, oldestLive)
  return replaceBatch(context, plan, store, cells, oldestLive)
}

async function replaceBatch(
  context: Context,
  plan: CallPlan,
  store: CellStore,
  cells: readonly CellReplacement[],
  oldestLive: OldestLive,
): Promise<Replaced> {
  const sent = await sendBatch(context, plan, cells, {
    operation: 'replace',
    // A repeat would find what the first attempt has put there, and could not tell it from what another process has.
    repeatable: cells.every(({ expected }) => expected === undefined),
    whole: false,
    batchOf: (cells: readonly CellReplacement[]) => ({ cells, oldestLive }),
    send: (batch) => store.replace!(batch, plan.callOptions),
  })
  return { outcome: sent?.outcome ?? null, unexpected: sent?.receipt?.unexpected ?? [] }
}

/** How often a cell is begun again when an answer was lost. */
const ATTEMPTS = 5

/**
 * A cell with more values than a batch may hold: its first values replace it, the others are added. What may have been added twice is begun
 * again, so that it can be repeated as a whole; but it is not one step.
 */
async function replaceInSteps(
  context: Context,
  plan: CallPlan,
  store: CellStore,
  cell: CheckedCell,
  oldestLive: OldestLive,
): Promise<Replaced> {
  const { rules } = context.settings
  const { value, expected: _, ...position } = cell
  const [first, ...others] = rules.split(value as CellValue, MOST_VALUES)
  for (let attempt = 1; ; attempt++) {
    const begun = await replaceBatch(context, plan, store, [{ ...position, value: first! }], oldestLive)
    const outcome = begun.outcome ?? (await addAll(context, plan, store, position, others, oldestLive))
    const isAgain = begun.outcome === null && outcome !== null && outcome.maybeApplied.length > 0
    if (isAgain && attempt < ATTEMPTS && plan.callOptions.driverOptions === undefined && outcome.retry !== 'never')
      continue
    // In part or not at all: either way the cell does not hold its value.
    return { outcome: outcome && { ...outcome, notApplied: [], maybeApplied: [cell] }, unexpected: [] }
  }
}

async function addAll(
  context: Context,
  plan: CallPlan,
  store: CellStore,
  position: Omit<CheckedCell, 'value' | 'expected'>,
  changes: readonly CellValue[],
  oldestLive: OldestLive,
): Promise<Outcome | null> {
  for (const change of changes) {
    const sent = await sendBatch(context, plan, [{ ...position, change }], {
      operation: 'write',
      repeatable: context.settings.rules.idempotent,
      whole: false,
      batchOf: (cells) => ({ cells, oldestLive }),
      send: (batch) => store.write(batch, plan.callOptions),
    })
    if (sent !== null && sent.outcome !== null) return sent.outcome
  }
  return null
}
