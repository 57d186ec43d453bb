import type { BufferFailure, BufferStats } from '../../api/buffer.ts'
import type { WriteResult } from '../../api/writes.ts'
import type { BufferSettings, Early } from '../../buffer-settings.ts'
import type { OldestLive, StorageDriver } from '../../contract/cells.ts'
import { callChannel } from '../../diagnostics/channels.ts'
import { traceCall } from '../../diagnostics/trace-call.ts'
import { type CellReference, KairosError } from '../../errors.ts'
import { describe } from '../../internal/describe.ts'
import { textOf } from '../../internal/text-of.ts'
import { harmless } from '../../toolkit/harmless.ts'
import { cellChecker } from '../cells/check-cell.ts'
import { cellTeller } from '../cells/told-cell.ts'
import type { Context } from '../context.ts'
import { keepsLong, weigherOf, weightOf } from '../weigh.ts'
import { commit } from './group-commit.ts'
import { type Merger, mergerAt, type PendingCell, pairsOf } from './merge.ts'
import { defaultValue, filePoint, isList, isNow, isTimes, momentOf, TIMES } from './points.ts'
import { SharedCells } from './shared-cells.ts'
import { keyOf } from './undecided.ts'
import { planInsert } from './write-plan.ts'

/** The buffers of each driver: their writes go together. */
const together = new WeakMap<StorageDriver, Set<LoadedBuffer>>()

/** Hands over a buffer whose driver is there. */
export async function loadBuffer(
  context: Context,
  settings: BufferSettings,
  adopt: (buffer: LoadedBuffer) => void,
): Promise<void> {
  const buffer = new LoadedBuffer(context, settings)
  adopt(buffer)
  // Closed before it could learn about it: this call is one that closing waits for.
  if (context.calls.closing.aborted) await buffer.close()
}

/** What a buffer's settings say to each value. */
interface Limits extends Pick<BufferSettings, 'interval' | 'maxCells' | 'maxPending'> {
  readonly drops: boolean
  readonly rolling: number
}

/** Merges values in memory, and writes one batch after the other. */
export class LoadedBuffer {
  readonly #context: Context
  readonly #settings: Limits
  readonly #report: (error: KairosError, cells: BufferFailure) => void
  readonly #default: unknown
  readonly #check: ReturnType<typeof cellChecker>
  readonly #others: Set<LoadedBuffer>
  readonly #keepsLong: boolean
  #merger: Merger | undefined
  /** What was live when the merger got its first value. */
  #oldestLive: OldestLive | undefined
  /** Of failed writes: they go with the next one. */
  #kept: PendingCell[] = []
  /** How many values wait in the merger, were kept, and are on their way. */
  #added = 0
  #keptValues = 0
  #sent = 0
  #writing: Promise<void> = Promise.resolve()
  /** How many writes are asked for or under way. */
  #writes = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #due = 0
  #ready: (() => void)[] = []
  #closed = false
  /** Closing the timeseries waits while values wait. */
  #holds = false
  readonly #onClosing = (): void => void this.close()
  readonly #onExit = (): void => void (this.#pending > 0 && this.flush())
  #stats = { stored: 0, expired: 0, dropped: 0, failed: 0, inDoubt: 0 }
  #lastError: KairosError | undefined

  constructor(context: Context, settings: BufferSettings) {
    this.#context = context
    // A literal, whose fields the engine reads faster: every value that is added needs them.
    const { interval, maxCells, maxPending, overflow, intervals } = settings
    this.#settings = { interval, maxCells, maxPending, drops: overflow === 'drop', rolling: intervals }
    this.#report = harmless('onError', settings.onError)
    this.#default = defaultValue(context)
    this.#check = cellChecker(context, false)
    this.#keepsLong = keepsLong(context.settings)
    let others = together.get(context.driver)
    if (others === undefined) {
      others = new Set()
      together.set(context.driver, others)
    }
    this.#others = others
    others.add(this)
    context.calls.closing.addEventListener('abort', this.#onClosing)
    if (settings.flushOnExit) globalThis.process?.on?.('beforeExit', this.#onExit)
  }

  /** Takes over what was added before; a point that is refused only now is reported. */
  begin({ points, dropped }: Early): void {
    this.#stats.dropped += dropped
    for (const [name, value, timestamp, times] of points) {
      try {
        this.add(name, value, timestamp, times)
      } catch (error) {
        this.#stats.failed++
        this.#tell(error as KairosError, { kept: [], refused: [], inDoubt: [] })
      }
    }
  }

  add(name: unknown, value: unknown, timestamp: unknown, times?: unknown): boolean {
    const { maxPending, maxCells, drops, rolling } = this.#settings
    const { calls, driver } = this.#context
    if (this.#closed) throw calls.closedError(driver.id)
    if (times !== undefined) this.#checkTimes(name, times)
    const written = value === undefined ? this.#default : value
    const list = typeof written === 'object' && isList(written) ? [...written] : undefined
    if (drops && this.#pending >= maxPending) {
      this.#stats.dropped += list?.length ?? 1
      return false
    }
    if (!this.#holds && !calls.closing.aborted) {
      calls.enter(driver.id)
      this.#holds = true
    }
    try {
      const merger = this.#added === 0 ? this.#begin() : this.#merger!
      const seconds = isNow(timestamp) ? this.#context.retention.now() : momentOf(timestamp, 0, name)
      filePoint(merger, name, list ?? written, seconds, rolling, times as number | undefined)
      this.#added += this.#weightOf(written, list)
    } finally {
      if (this.#pending === 0) this.#release()
    }
    if (this.#timer === undefined) this.#arm()
    const isFull = this.#pending >= maxPending
    if ((isFull || this.#merger!.cells >= maxCells) && this.#writes === 0) void this.flush()
    return !isFull
  }

  /** As how many values these count: texts and bytes may be long. */
  #weightOf(written: unknown, list: readonly unknown[] | undefined): number {
    if (!this.#keepsLong) return list?.length ?? 1
    return list === undefined ? weightOf(written) : list.reduce<number>((sum, value) => sum + weightOf(value), 0)
  }

  /** The merger, for the first value after those that were taken. */
  #begin(): Merger {
    const { retention } = this.#context
    const now = retention.now()
    this.#oldestLive = retention.oldestLive(now)
    if (this.#merger === undefined) this.#merger = mergerAt(this.#context, now)
    else this.#merger.restart(this.#oldestLive)
    return this.#merger
  }

  /** @throws KAIROS_INVALID_VALUE */
  #checkTimes(name: unknown, times: unknown): void {
    const { rules, type } = this.#context.settings
    if (rules.counts && isTimes(times)) return
    const expected = rules.counts ? TIMES : `left out: a ${type} does not count values`
    throw new KairosError(
      'KAIROS_INVALID_VALUE',
      `times must be ${expected}, not ${describe(times)} (series ${describe(name)})`,
      {
        series: textOf(name),
        value: times,
      },
    )
  }

  async ready(): Promise<void> {
    if (this.#pending < this.#settings.maxPending) return
    await new Promise<void>((resolve) => this.#ready.push(resolve))
  }

  /** Writes what waits, after the writes before it. Never rejects. */
  flush(): Promise<void> {
    this.#writes++
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.flush()
    this.#context.calls.closing.removeEventListener('abort', this.#onClosing)
    globalThis.process?.off?.('beforeExit', this.#onExit)
    this.#others.delete(this)
  }

  stats(): BufferStats {
    return { pending: this.#pending, ...this.#stats, lastError: this.#lastError }
  }

  get #pending(): number {
    return this.#added + this.#keptValues + this.#sent
  }

  #arm(): void {
    const { interval } = this.#settings
    this.#due = performance.now() + interval
    this.#timer = setTimeout(() => {
      const now = performance.now()
      for (const other of this.#others) if (other === this || other.#isNearlyDue(now)) void other.flush()
    }, interval)
    // A process that has nothing else to do ends: see `flushOnExit`.
    this.#timer.unref?.()
  }

  #isNearlyDue(now: number): boolean {
    return this.#timer !== undefined && this.#due - now <= this.#settings.interval / 2
  }

  async #write(): Promise<void> {
    const context = this.#context
    const now = context.retention.now()
    clearTimeout(this.#timer)
    this.#timer = undefined
    const cells = this.#take(now)
    this.#sent = this.#added + this.#keptValues
    this.#added = 0
    this.#keptValues = 0
    try {
      if (cells.length > 0) await this.#commit(cells, now)
    } catch (error) {
      // Nothing else is thrown by a write; whatever it is, it must be heard.
      this.#tell(error as KairosError, { kept: [], refused: [], inDoubt: [] })
    }
    this.#sent = 0
    this.#writes--
    if (this.#pending === 0) this.#release()
    if (this.#pending < this.#settings.maxPending) for (const ready of this.#ready.splice(0)) ready()
    if (this.#kept.length > 0 || this.#pending === 0) return
    if (this.#writes === 0 && (this.#merger?.cells ?? 0) >= this.#settings.maxCells) void this.flush()
  }

  async #commit(cells: readonly PendingCell[], now: number): Promise<void> {
    const tally: WriteResult = { stored: 0, expired: 0 }
    try {
      await this.#send(cells, now, tally)
      this.#stats.stored += tally.stored
    } catch (error) {
      if (!KairosError.is(error) || error.notApplied === undefined) throw error
      this.#divide(error, cells)
    }
  }

  #send(cells: readonly PendingCell[], now: number, tally: WriteResult): Promise<WriteResult> {
    const context = this.#context
    const send = async (options?: unknown): Promise<WriteResult> =>
      commit(context, planInsert(context, options), cells, now, tally)
    if (!callChannel?.hasSubscribers) return send()
    const { name: timeseries, type } = context.settings
    return traceCall(callChannel, { timeseries, type }, 'flush', [], 1, ([options]) => send(options))
  }

  /** What becomes of the cells of a failed write. */
  #divide(error: KairosError, cells: readonly PendingCell[]): void {
    const notApplied = error.notApplied ?? []
    const inDoubt = error.maybeApplied ?? []
    const keeps = error.retryable === true && !this.#closed
    const whole = new Map(cells.map((cell) => [keyOf(cell), cell]))
    this.#stats.stored += error.stored ?? 0
    this.#stats.inDoubt += pairsOf(this.#pendingOf(inDoubt, whole))
    const left = this.#pendingOf(notApplied, whole)
    if (keeps) {
      this.#kept = left
      const weigh = weigherOf(this.#context.settings)
      const weight = left.reduce((sum, each) => sum + Math.max(each.pairs, weigh(each.change)), 0)
      this.#keptValues = Math.ceil(weight / this.#context.settings.intervals.length)
      if (this.#timer === undefined) this.#arm()
    } else this.#stats.failed += pairsOf(left)
    this.#tell(error, { kept: keeps ? notApplied : [], refused: keeps ? [] : notApplied, inDoubt })
  }

  /** The cells that an error lists: whole ones as they were, or the part that it lists. */
  #pendingOf(listed: readonly CellReference[], whole: ReadonlyMap<string, PendingCell>): PendingCell[] {
    const { many, weight } = this.#context.settings.rules
    return listed.map((reference) => {
      const { value, ...position } = this.#check(reference)
      const cell = whole.get(keyOf(position))!
      return many ? { ...cell, change: value!, pairs: weight(value!) } : cell
    })
  }

  /** What was kept, and then what was added, without cells that have expired meanwhile. */
  #take(now: number): PendingCell[] {
    const fresh = this.#added === 0 ? [] : this.#taken(this.#merger!)
    const oldestLive = this.#context.retention.oldestLive(now)
    const isLive = ({ interval, bucket, pairs }: PendingCell): boolean => {
      if (bucket >= oldestLive[interval]!) return true
      this.#stats.expired += pairs
      return false
    }
    const kept = this.#kept
    this.#kept = []
    // The same object until a bucket expires.
    if (kept.length === 0) return oldestLive === this.#oldestLive ? fresh : fresh.filter(isLive)
    const all = new SharedCells(this.#context.settings)
    all.add(kept)
    all.add(fresh)
    return all.take().filter(isLive)
  }

  #taken(merger: Merger): PendingCell[] {
    const cells = merger.take((error, cell) => this.#refuse(error, cell))
    this.#stats.expired += merger.expired
    return cells
  }

  /** Of a sum that is larger than a number. */
  #refuse(error: KairosError, cell: PendingCell): void {
    this.#stats.failed += cell.pairs
    const refused = [cellTeller(this.#context.settings)(cell, cell.change)]
    this.#tell(error, { kept: [], refused, inDoubt: [] })
  }

  #tell(error: KairosError, cells: BufferFailure): void {
    this.#lastError = error
    this.#report(error, cells)
  }

  #release(): void {
    if (!this.#holds) return
    this.#holds = false
    this.#context.calls.leave()
  }
}
