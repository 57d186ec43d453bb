import type { Sink } from './sink.ts'

/** Names whose value is remembered. */
const MOST_NAMES = 100_000
/** Changes that wait for a value which is being read, from which on senders wait. */
const FULL = 1_000
/** The same, from which on those that cannot wait are dropped. */
const MOST_WAITING = 100_000

/** A value, or a change to the one before. */
export interface GaugeChange {
  readonly value: number
  readonly isChange: boolean
  /** Its sender cannot be made to wait. */
  readonly isLossy: boolean
  /** Gets what the gauge becomes; undefined: what the change begins with cannot be read. */
  take(value: number | undefined): void
}

/**
 * The values of gauges, for changes (`+5`): they begin with the stored value, which another process may have written. The newest are remembered;
 * changes to other names wait until theirs has been read.
 */
export class Gauges {
  readonly #values = new Map<string, number>()
  readonly #waiting = new Map<string, { readonly changes: GaugeChange[]; readonly read: Promise<void> }>()
  /** How many changes wait. */
  #changes = 0
  /** There were more names than are remembered. */
  #hasForgotten = false
  readonly #writing = new Map<Sink, Promise<boolean>>()
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
    if (change.isLossy && this.#changes >= MOST_WAITING) return false
    this.#changes++
    if (waiting === undefined) this.#read(name, change, sink)
    else waiting.changes.push(change)
    return true
  }

  /** Whether so many changes wait that senders must, too. */
  get isFull(): boolean {
    return this.#changes >= FULL
  }

  /** Resolves when no change waits. */
  async settled(): Promise<void> {
    await Promise.all([...this.#waiting.values()].map(({ read }) => read))
  }

  #read(name: string, first: GaugeChange, sink: Sink | undefined): void {
    const changes = [first]
    const read = this.#stored(name, sink).then((stored) => {
      this.#waiting.delete(name)
      this.#changes -= changes.length
      this.#remember(name, changes.reduce(changed, stored))
    })
    this.#waiting.set(name, { changes, read })
  }

  async #stored(name: string, sink: Sink | undefined): Promise<number | undefined> {
    if (sink === undefined) return 0
    // The newest value may be one that was forgotten before it was written.
    if (this.#hasForgotten && !(await this.#isWritten(sink))) return undefined
    return storedValue(name, sink)
  }

  /** Writes what waits for the store, once for all names that are asked for in a moment. */
  #isWritten(sink: Sink): Promise<boolean> {
    let writing = this.#writing.get(sink)
    if (writing === undefined) {
      writing = Promise.resolve().then(async () => {
        this.#writing.delete(sink)
        const { lastError } = sink.stats()
        await sink.flush()
        return sink.stats().lastError === lastError
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

/** The newest value of a gauge in its store; 0 where there is none, as StatsD begins there; undefined where it cannot be read. */
async function storedValue(name: string, sink: Sink): Promise<number | undefined> {
  try {
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
  } catch {
    return undefined
  }
}
