import { KairosError } from '@kairos/core'
import { heapShare } from '../config/heap-share.ts'
import type { Sink } from './sink.ts'

/** Names whose value is remembered. */
const MOST_NAMES = Math.ceil(100_000 * heapShare())
/** Names whose value is read at a time. */
const MOST_READ = 100
/** Changes that wait for a value to be read, from which on their senders wait. */
const FULL = 1_000
/** The same for senders that cannot wait: further changes are dropped. */
const MOST_LOSSY = 10_000

/** A value, or a change to the one before. */
export interface GaugeChange {
  readonly value: number
  readonly isChange: boolean
  /** Its sender cannot be made to wait. */
  readonly isLossy: boolean
  /** Gets what the gauge becomes; undefined: what the change begins with cannot be read. */
  take(value: number | undefined): void
}

/** Changes to a gauge whose value is not known yet. */
interface Waiting {
  readonly name: string
  readonly sink: Sink | undefined
  readonly changes: GaugeChange[]
  readonly settled: PromiseWithResolvers<void>
}

/**
 * The values of gauges, for changes (`+5`): they begin with the stored value, which another process may have written. The newest are remembered;
 * changes to other names wait until theirs has been read.
 */
export class Gauges {
  readonly #values = new Map<string, number>()
  readonly #waiting = new Map<string, Waiting>()
  /** Those of them that nobody reads yet. */
  readonly #queue = new Set<Waiting>()
  #readers = 0
  /** How many changes wait, of senders that can wait and of those that cannot. */
  readonly #changes = { patient: 0, lossy: 0 }
  /** There were more names than are remembered. */
  #hasForgotten = false
  readonly #writing = new Map<Sink, Promise<unknown>>()
  readonly #mostNames: number

  constructor(mostNames: number = MOST_NAMES) {
    this.#mostNames = mostNames
  }

  /**
   * Applies a change, in the order of changes; a moment later where the value must be read first. False where too many changes wait, and its sender
   * cannot.
   */
  apply(name: string, change: GaugeChange, sink: Sink | undefined): boolean {
    const waiting = this.#waiting.get(name)
    const before = this.#values.get(name)
    if (waiting === undefined && (!change.isChange || before !== undefined)) {
      this.#remember(name, changed(before, change))
      return true
    }
    if (change.isLossy && this.#changes.lossy >= MOST_LOSSY) return false
    this.#changes[change.isLossy ? 'lossy' : 'patient']++
    if (waiting === undefined) this.#wait({ name, sink, changes: [change], settled: Promise.withResolvers() })
    else waiting.changes.push(change)
    return true
  }

  /** Whether so many changes wait that their senders must, too. Those that cannot wait keep nobody waiting. */
  get isFull(): boolean {
    return this.#changes.patient >= FULL
  }

  /** Resolves when none of the changes so far waits. */
  async settled(): Promise<void> {
    await Promise.all(Array.from(this.#waiting.values(), ({ settled }) => settled.promise))
  }

  #wait(waiting: Waiting): void {
    this.#waiting.set(waiting.name, waiting)
    this.#queue.add(waiting)
    if (this.#readers < MOST_READ) void this.#read()
  }

  async #read(): Promise<void> {
    this.#readers++
    for (const waiting of this.#queue) {
      this.#queue.delete(waiting)
      const stored = await this.#stored(waiting)
      this.#settle(waiting, stored)
      if (!isAway(stored)) continue
      // Those behind would wait as long, for the same answer.
      for (const other of this.#queue) this.#settle(other, stored)
      this.#queue.clear()
    }
    this.#readers--
  }

  #settle({ name, changes, settled }: Waiting, stored: unknown): void {
    this.#waiting.delete(name)
    for (const { isLossy } of changes) this.#changes[isLossy ? 'lossy' : 'patient']--
    this.#remember(name, changes.reduce(changed, typeof stored === 'number' ? stored : undefined))
    settled.resolve()
  }

  /** The value, or why it cannot be read. */
  async #stored({ name, sink }: Waiting): Promise<unknown> {
    if (sink === undefined) return 0
    try {
      // The newest value may be one that was forgotten before it was written.
      if (this.#hasForgotten) await this.#write(sink)
      return await storedValue(name, sink)
    } catch (error) {
      return error
    }
  }

  /** Writes what waits for the store, once for all names that are asked for in a moment. Rejects if that fails. */
  #write(sink: Sink): Promise<unknown> {
    let writing = this.#writing.get(sink)
    if (writing === undefined) {
      writing = Promise.resolve().then(async () => {
        this.#writing.delete(sink)
        const before = sink.stats().lastError
        await sink.flush()
        const { lastError } = sink.stats()
        if (lastError !== before) throw lastError
      })
      this.#writing.set(sink, writing)
    }
    return writing
  }

  #remember(name: string, value: number | undefined): void {
    if (value === undefined) return
    this.#values.delete(name)
    this.#values.set(name, value)
    if (this.#values.size <= this.#mostNames) return
    this.#values.delete(this.#values.keys().next().value!)
    this.#hasForgotten = true
  }
}

/** What a change makes of a value. A sum beyond the largest number is refused where it is taken, and the value stays. */
function changed(value: number | undefined, { value: given, isChange, take }: GaugeChange): number | undefined {
  const made = isChange && value !== undefined ? value + given : isChange ? undefined : given
  take(made)
  return made === undefined || Number.isFinite(made) ? made : value
}

function isAway(stored: unknown): boolean {
  return KairosError.is(stored) && stored.retryable === true
}

/** The newest value of a gauge in its store; 0 where there is none, as StatsD begins there. */
async function storedValue(name: string, sink: Sink): Promise<number> {
  const { timeseries } = sink.served
  const stored = sink.intake.map === undefined ? name : (sink.intake.map(name, 0)?.[0] ?? name)
  let newest: { readonly interval: string; readonly last: number } | undefined
  for (const [interval, extent] of Object.entries(await timeseries.properties(stored))) {
    if (extent !== undefined && extent.last > (newest?.last ?? Number.NEGATIVE_INFINITY))
      newest = { interval, last: extent.last }
  }
  if (newest === undefined) return 0
  const data = await timeseries.get(stored, newest.interval as never, { timestamp: newest.last } as never)
  const value: unknown = [...(data as ReadonlyMap<number, unknown>).values()].at(-1)
  return typeof value === 'number' ? value : 0
}
