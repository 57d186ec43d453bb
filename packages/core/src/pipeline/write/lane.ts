import type { CallMessage } from '../../api/diagnostics.ts'
import type { WriteResult } from '../../api/writes.ts'
import { KairosError } from '../../errors.ts'
import type { Context } from '../context.ts'
import { commitNow, type Turn } from './commit.ts'
import { pairsOf } from './merge.ts'
import type { SharedCell } from './shared-cells.ts'
import { sharesOf } from './shared-outcome.ts'
import type { Outcome } from './undecided.ts'
import { WaitingBatch, type Write } from './waiting-batch.ts'
import { sweepBeside, writeBatch } from './write-batch.ts'
import { notWritten, writeFailed } from './write-errors.ts'
import { PLAIN } from './write-plan.ts'

/** While nobody subscribes. */
const NONE: readonly CallMessage[] = []

/** Decides when writes are sent: at most one batch that calls share is on its way. */
export class Lane {
  readonly #context: Context
  /** Called with the cells and the calls of each shared batch. */
  readonly #sent: (cells: number, calls: number) => void
  /** In the order of arrival. */
  #queue: WaitingBatch[] = []
  /** How many are on their way: batches that calls share, one at a time, and others. */
  #shared = 0
  #alone = 0
  readonly #sharedTurn: Turn = { end: () => this.#end(false) }
  readonly #turnAlone: Turn = { end: () => this.#end(true) }

  constructor(context: Context, sent: (cells: number, calls: number) => void) {
    this.#context = context
    this.#sent = sent
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
    this.#sent(cells.length, batch.calls.length)
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
