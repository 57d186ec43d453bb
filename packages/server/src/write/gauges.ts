import type { Sink } from './sink.ts'

/** Names whose value is being read: what comes over UDP, and in one piece over TCP, may go beyond `FULL`. */
const MOST_READ = 10_000
/** Names whose value is remembered. */
const MOST_NAMES = 100_000
/** Names whose value is being read, from which on senders wait. */
const FULL = 1_000
/** Changes of one name that wait for its value. */
const MOST_WAITING = 1_000

/** A value, or a change to the one before. */
export interface GaugeChange {
  readonly value: number
  readonly isChange: boolean
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

  /**
   * Applies a change, in the order of changes; a moment later where the value must be read first. False where too many changes wait.
   */
  apply(name: string, change: GaugeChange, sink: Sink | undefined): boolean {
    const waiting = this.#waiting.get(name)
    if (waiting !== undefined) {
      if (waiting.changes.length >= MOST_WAITING) return false
      waiting.changes.push(change)
      return true
    }
    const before = this.#values.get(name)
    if (!change.isChange || before !== undefined) {
      change.take(this.#remember(name, change.isChange ? before! + change.value : change.value))
      return true
    }
    if (this.#waiting.size >= MOST_READ) return false
    const changes = [change]
    const read = storedValue(name, sink).then((stored) => {
      let value = stored
      this.#waiting.delete(name)
      for (const each of changes) {
        if (!each.isChange) value = each.value
        else if (value !== undefined) value += each.value
        each.take(value)
      }
      if (value !== undefined) this.#remember(name, value)
    })
    this.#waiting.set(name, { changes, read })
    return true
  }

  /** Whether so many values are being read that senders must wait. */
  get isFull(): boolean {
    return this.#waiting.size >= FULL
  }

  /** Resolves when no change waits. */
  async settled(): Promise<void> {
    await Promise.all([...this.#waiting.values()].map(({ read }) => read))
  }

  #remember(name: string, value: number): number {
    this.#values.delete(name)
    this.#values.set(name, value)
    if (this.#values.size > MOST_NAMES) this.#values.delete(this.#values.keys().next().value!)
    return value
  }
}

/** The newest value of a gauge in its store; 0 where there is none, as StatsD begins there; undefined where it cannot be read. */
async function storedValue(name: string, sink: Sink | undefined): Promise<number | undefined> {
  if (sink === undefined) return 0
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
