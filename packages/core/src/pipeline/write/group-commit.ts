import type { CallMessage } from '../../api/diagnostics.ts'
import type { WriteResult } from '../../api/writes.ts'
import type { CellValue } from '../../contract/cells.ts'
import { countCells } from '../../diagnostics/call-messages.ts'
import { KairosError } from '../../errors.ts'
import { sumIn, type TypeRules } from '../../types/rules.ts'
import type { Context } from '../context.ts'
import { MOST_CELLS, MOST_VALUES } from './batches.ts'
import { commitNow, type Turn } from './commit.ts'
import { type Merger, type PendingCell, pairsOf } from './merge.ts'
import type { SharedCell } from './shared-cells.ts'
import { sharesOf } from './shared-outcome.ts'
import type { Outcome } from './undecided.ts'
import { WaitingBatch, type Write } from './waiting-batch.ts'
import { sweepBeside, writeBatch } from './write-batch.ts'
import { notWritten, writeFailed } from './write-errors.ts'
import { PLAIN, type WritePlan } from './write-plan.ts'

/** A batch would need a million of these to overflow a sum: larger changes are left to the store, each by itself. */
const LARGE = 2 ** 940
/** While nobody subscribes. */
const NONE: readonly CallMessage[] = []

/** Writes the merged cells and adds to `tally`. */
export function commitMerged(
  context: Context,
  plan: WritePlan,
  merger: Merger,
  now: number,
  tally: WriteResult,
): Promise<WriteResult> {
  const cells = merger.take()
  tally.expired += merger.expired
  return commit(context, plan, cells, now, tally)
}

/**
 * The first use of the store in a write: all input has been checked. Adds to `tally.stored`, and resolves to the tally. While one batch is on its way,
 * what may share the next one waits for it, and what may not waits for its turn where the order can be seen.
 */
export function commit(
  context: Context,
  plan: WritePlan,
  cells: readonly PendingCell[],
  now: number,
  tally: WriteResult,
): Promise<WriteResult> {
  const isOver = cells.length === 0 || plan.signal?.aborted
  if (!isOver) countCells(plan.messages, cells.length)
  const { ordered } = context.settings.rules
  const waits = (plan.shares || ordered) && !isOver
  if (context.failed !== undefined || !waits) return commitNow(context, plan, cells, now, tally)
  const group = groupOf(context)
  if (plan.callOptions.driverOptions !== undefined) {
    // Never waits: its pipeline or transaction may be waiting for this very call.
    group.sendWaiting()
    return commitNow(context, plan, cells, now, tally)
  }
  const values = valuesOf(context, cells)
  const alone = !plan.shares || cells.length > MOST_CELLS || values > MOST_VALUES
  if (alone && !ordered) return commitNow(context, plan, cells, now, tally)
  const turn = group.begin(alone)
  if (turn === undefined) return group.wait({ plan, cells, values, now, tally }, alone)
  return commitNow(context, plan, cells, now, tally, turn)
}

/** How many values the cells hold; too many if one of them must not be added to others. */
function valuesOf({ settings }: Context, cells: readonly PendingCell[]): number {
  const { rules } = settings
  let values = 0
  for (const { change } of cells) {
    if (isLarge(rules, change)) return Number.POSITIVE_INFINITY
    values += rules.size(change)
  }
  return values
}

/** Of gauges, one takes the place of another. */
function isLarge(rules: TypeRules, change: CellValue): boolean {
  if (rules.ordered && rules.sumOf === undefined) return false
  return Math.abs(sumIn(rules, change) ?? 0) >= LARGE
}

function groupOf(context: Context): GroupCommit {
  context.group ??= new GroupCommit(context)
  // Set only here.
  return context.group as GroupCommit
}

/** Decides when the writes of one timeseries are sent. */
class GroupCommit {
  readonly #context: Context
  /** In the order of arrival. */
  #queue: WaitingBatch[] = []
  /** How many are on their way: batches that calls share, one at a time, and others. */
  #shared = 0
  #alone = 0
  readonly #sharedTurn: Turn = { end: () => this.#end(false) }
  readonly #turnAlone: Turn = { end: () => this.#end(true) }

  constructor(context: Context) {
    this.#context = context
  }

  /** The turn of a call that may write at once; undefined: it must wait. */
  begin(alone: boolean): Turn | undefined {
    if (this.#queue.length > 0 || !this.#isFree(alone)) return undefined
    this.#count(alone, 1)
    return alone ? this.#turnAlone : this.#sharedTurn
  }

  wait(write: Write, alone: boolean): Promise<WriteResult> {
    const last = this.#queue.at(-1)
    if (last !== undefined && !alone && !last.alone && last.hasRoomFor(write)) return last.add(write)
    // A full batch waits only where a later one could overtake an earlier one.
    if (!this.#context.settings.rules.ordered) this.sendWaiting()
    const batch = new WaitingBatch(this.#context, alone)
    this.#queue.push(batch)
    return batch.add(write)
  }

  /** Sends everything now, in its order, without waiting for what is on its way. */
  sendWaiting(): void {
    const waiting = this.#queue
    this.#queue = []
    for (const batch of waiting) this.#send(batch)
  }

  #end(alone: boolean): void {
    this.#count(alone, -1)
    while (this.#queue.length > 0 && this.#isFree(this.#queue[0]!.alone)) this.#send(this.#queue.shift()!)
  }

  /** Writes that are not shared can be sent one after the other, as their callers did; what is shared waits for all before it. */
  #isFree(alone: boolean): boolean {
    return this.#shared === 0 && (alone || this.#alone === 0)
  }

  #count(alone: boolean, by: 1 | -1): void {
    if (alone) this.#alone += by
    else this.#shared += by
  }

  #send(batch: WaitingBatch): void {
    this.#count(batch.alone, 1)
    batch.flight = this.#fly(batch).finally(() => {
      batch.stop()
      this.#end(batch.alone)
    })
  }

  /** Never rejects: every error goes to the calls. */
  async #fly(batch: WaitingBatch): Promise<void> {
    const calls = batch.calls
    if (calls.length === 0) return
    try {
      if (calls.length === 1) {
        const call = calls[0]!
        const { plan, cells, now, tally } = call
        batch.release(call)
        await commitNow(this.#context, plan, cells, now, tally)
        batch.resolve(call)
      } else await this.#flyShared(batch)
    } catch (error) {
      for (const call of calls) batch.reject(call, error)
    }
  }

  async #flyShared(batch: WaitingBatch): Promise<void> {
    const context = this.#context
    const messages = batch.calls.flatMap(({ plan }) => plan.messages ?? NONE)
    const plan = { ...PLAIN, patience: batch.patience, messages }
    const opened = context.opened
    let store = opened
    if (store === undefined) {
      try {
        store = await context.open(plan)
      } catch (error) {
        for (const call of batch.calls)
          batch.reject(call, KairosError.is(error) ? notWritten(context, call.cells, call.tally, error) : error)
        return
      }
    }
    const now = batch.calls.reduce((least, call) => Math.min(least, call.now), Number.POSITIVE_INFINITY)
    const cells = batch.send()
    const oldestLive = context.retention.oldestLive(now)
    const written = cells.length > 0 && writeBatch(context, plan, store, cells, oldestLive)
    if (opened === undefined) context.resumed()
    if (written === false) return
    const sent = await written
    sweepBeside(context, plan, sent, oldestLive)
    const outcome = sent?.outcome ?? null
    if (outcome !== null) this.#divide(batch, cells, outcome)
    else {
      for (const call of batch.calls) {
        call.tally.stored += pairsOf(call.cells)
        batch.resolve(call)
      }
    }
  }

  /** Gives each call its own part of a failure. */
  #divide(batch: WaitingBatch, cells: readonly SharedCell[], outcome: Outcome): void {
    const context = this.#context
    const shareOf = sharesOf(context.settings.rules, cells, outcome)
    for (const call of batch.calls) {
      const { notApplied, maybeApplied, stored } = shareOf(call.cells)
      call.tally.stored += stored
      if (notApplied.length + maybeApplied.length === 0) batch.resolve(call)
      else batch.reject(call, writeFailed(context, { ...outcome, notApplied, maybeApplied }, call.tally))
    }
  }
}
