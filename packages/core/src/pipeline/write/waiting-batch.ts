import type { WriteResult } from '../../api/writes.ts'
import { Ended } from '../../calls/ended.ts'
import { PATIENCE } from '../../calls/patience.ts'
import { aborted } from '../../calls/retry.ts'
import type { Context } from '../context.ts'
import type { PendingCell } from './merge.ts'
import { type SharedCell, SharedCells } from './shared-cells.ts'
import { notWritten, writeFailed } from './write-errors.ts'
import type { WritePlan } from './write-plan.ts'

/** What a call writes. */
export interface Write {
  readonly plan: WritePlan
  readonly cells: readonly PendingCell[]
  /** How many values the cells hold. */
  readonly values: number
  readonly now: number
  readonly tally: WriteResult
}

/** A call that waits for its batch. Without functions of its own, since a thousand may wait. */
export interface WaitingCall extends Write {
  readonly patience: number
  /** When its present step began, by the monotonic clock: waiting for its turn, or the flight. */
  since: number
  /** Listens to its signal, if it has one. */
  onAbort: (() => void) | undefined
  /** It has its answer. */
  isOver: boolean
  readonly resolve: (result: WriteResult) => void
  readonly reject: (error: unknown) => void
}

/** The writes of several calls that will be one batch. Each call may leave it, which does not change the others'. */
export class WaitingBatch {
  /** Its only call is written by itself, as it is. */
  readonly alone: boolean
  readonly #context: Context
  /** All that have come, in the order of their arrival. */
  readonly #calls: WaitingCall[] = []
  #merged: SharedCells
  #complete = true
  /** While it is on its way. */
  flight: Promise<void> | undefined
  #longest = 0
  #sent = false
  #due = Number.POSITIVE_INFINITY
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(context: Context, alone: boolean) {
    this.#context = context
    this.alone = alone
    this.#merged = new SharedCells(context.settings)
  }

  /** Those that have not left, in the order of their arrival. */
  get calls(): readonly WaitingCall[] {
    return this.#complete ? this.#calls : this.#calls.filter(({ isOver }) => !isOver)
  }

  /** The longest patience of its calls, in milliseconds. */
  get patience(): number {
    return this.#longest
  }

  /** Whether one more write fits. */
  hasRoomFor({ cells, values }: Write): boolean {
    return this.#merged.hasRoomFor(cells.length, values)
  }

  /** Adds a write; resolves to its tally when it is stored. */
  add(write: Write): Promise<WriteResult> {
    const { plan, cells } = write
    const patience = plan.patience ?? this.#context.settings.patience ?? PATIENCE
    const since = performance.now()
    return new Promise((resolve, reject) => {
      const call: WaitingCall = { ...write, patience, since, onAbort: undefined, isOver: false, resolve, reject }
      const { signal } = plan
      if (signal !== undefined) {
        call.onAbort = () => this.#leave(call, 'aborted')
        signal.addEventListener('abort', call.onAbort, { once: true })
      }
      this.#calls.push(call)
      this.#longest = Math.max(this.#longest, patience)
      if (!this.alone) this.#merged.add(cells)
      this.#arm(since + patience)
    })
  }

  resolve(call: WaitingCall): void {
    end(call)
    call.resolve(call.tally)
  }

  reject(call: WaitingCall, error: unknown): void {
    end(call)
    call.reject(error)
  }

  /** Takes the only call out, which from now on looks after itself. */
  release(call: WaitingCall): void {
    end(call)
    this.stop()
  }

  /** The cells of the calls that are left, which from now on are on their way. */
  send(): SharedCell[] {
    if (!this.#complete) {
      this.#merged = new SharedCells(this.#context.settings)
      for (const { cells } of this.calls) this.#merged.add(cells)
    }
    this.#sent = true
    this.stop()
    const now = performance.now()
    for (const call of this.#calls) call.since = now
    this.#armForAll()
    return this.#merged.take()
  }

  /** Clears the timer. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#due = Number.POSITIVE_INFINITY
  }

  #leave(call: WaitingCall, reason: 'aborted' | 'impatient'): void {
    const { plan, cells, tally, patience } = call
    const { calls } = this.#context
    this.#complete = false
    if (!this.#sent && reason === 'aborted') {
      this.reject(call, notWritten(this.#context, cells, tally, aborted(plan.signal!)))
      return
    }
    const cause = new Ended(reason, this.#sent, reason === 'aborted' ? plan.signal!.reason : undefined, patience)
    const [notApplied, maybeApplied] = this.#sent ? [[], cells] : [cells, []]
    this.reject(call, writeFailed(this.#context, { notApplied, maybeApplied, retry: 'later', cause }, tally))
    // Closing waits for what is on its way, also if none of its calls does.
    const flight = this.flight
    if (flight !== undefined) calls.abandon(flight, () => flight)
  }

  #arm(due: number): void {
    if (due >= this.#due) return
    clearTimeout(this.#timer)
    this.#due = due
    this.#timer = setTimeout(() => this.#expire(), Math.max(0, due - performance.now()))
  }

  #armForAll(): void {
    for (const { since, patience } of this.calls) {
      // The flight itself ends when the longest patience does.
      if (!this.#sent || patience < this.#longest) this.#arm(since + patience)
    }
  }

  #expire(): void {
    const now = performance.now()
    this.stop()
    for (const call of this.calls) {
      if (this.#sent && call.patience >= this.#longest) continue
      // A timer may fire a moment too early.
      if (call.since + call.patience <= now + 1) this.#leave(call, 'impatient')
    }
    this.#armForAll()
  }
}

/** The call has its answer, or goes its own way. */
function end(call: WaitingCall): void {
  call.isOver = true
  if (call.onAbort !== undefined) call.plan.signal!.removeEventListener('abort', call.onAbort)
}
