import { failedStore, pause } from '@kairos/core/driver'
import { toNumber } from '../values/cql-bytes.ts'
import type { Session } from './session.ts'

/**
 * A clock within this many milliseconds of the servers' is not corrected: the correction would be smaller than its own error, and two processes of
 * one machine would no longer order their writes as they happen.
 */
const TOLERANCE = 5
/** Nodes whose clocks differ by more, in milliseconds, are refused: their timestamps could not be compared. */
const WORST_DRIFT = 1_000
/** Longest time between two measurements, in milliseconds. */
const VALID = 300_000
const PROBES = 6
/** The clock is measured again if the system's clock was set, or stopped while the machine slept, by more than this many milliseconds. */
const STEP = 100

/** The latest timestamp given out in this process: all its drivers share one order. */
let last = 0

/**
 * Timestamps by the servers' clock, strictly ascending within this process. They decide which write is newer and what a delete covers.
 */
export class ServerClock {
  readonly #session: Session
  #offset = 0
  #error = 0
  #measured = Number.NEGATIVE_INFINITY
  /** The system's clock minus the monotonic clock, at the last measurement. */
  #anchor = 0
  #measuring: Promise<void> | undefined

  constructor(session: Session) {
    this.#session = session
  }

  /**
   * Measures the clock if a measurement is due.
   * @throws StoreFailure
   */
  async ready(): Promise<void> {
    const now = performance.now()
    if (now - this.#measured < VALID && Math.abs(Date.now() - now - this.#anchor) < STEP) return
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = undefined
    })
    await this.#measuring
  }

  /**
   * How far apart two clients' clocks may be, in milliseconds. A delete's timestamp is this far ahead, and the delete resolves only after as much time
   * again. So every write before it is older and every write after it is newer, whichever client makes it.
   */
  get uncertainty(): number {
    return 2 * (TOLERANCE + this.#error)
  }

  /** For a delete: newer than every write acknowledged before, by any client. Microseconds since the epoch. */
  deleteTimestamp(): number {
    return this.tick() + Math.ceil(this.uncertainty * 1000)
  }

  /** Waits until every client's clock is past a delete's timestamp, so that later writes are newer. */
  async outlast(timestamp: number): Promise<void> {
    const wait = timestamp / 1000 + this.uncertainty - this.now()
    if (wait > 0) await pause(wait)
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return systemNow() + this.#offset
  }

  /** Microseconds since the epoch, no two equal. */
  tick(): number {
    last = Math.max(last + 1, Math.floor(this.now() * 1000))
    return last
  }

  async #measure(): Promise<void> {
    const probes: { offset: number; error: number }[] = []
    // In sequence: the client asks another node each time.
    for (let probe = 0; probe < PROBES; probe++) {
      const before = systemNow()
      const row = await this.#session.firstRow('SELECT toUnixTimestamp(now()) AS now FROM system.local', [])
      const after = systemNow()
      // The server's clock is truncated to milliseconds.
      probes.push({ offset: toNumber(row!.now) + 0.5 - (before + after) / 2, error: (after - before) / 2 + 0.5 })
    }
    // The first probe also prepares the statement.
    const usable = probes.slice(1)
    const drift =
      Math.max(...usable.map(({ offset, error }) => offset - error)) -
      Math.min(...usable.map(({ offset, error }) => offset + error))
    if (drift > WORST_DRIFT)
      throw failedStore(
        `the clocks of the cluster's nodes differ by ${Math.round(drift)} ms; synchronize them with NTP`,
        'never',
      )
    const best = usable.reduce((a, b) => (b.error < a.error ? b : a))
    this.#offset = Math.abs(best.offset) <= TOLERANCE + best.error ? 0 : best.offset
    this.#error = best.error
    this.#measured = performance.now()
    this.#anchor = Date.now() - this.#measured
  }
}

/** How far the system's clock has moved against the monotonic clock since this process started, in milliseconds. */
let stepped = 0

/**
 * The system's clock in fractions of a millisecond; `Date.now()` is too coarse to order the writes of two processes. Always within the millisecond
 * that `Date.now()` shows, so that processes of one machine never drift further apart, however long they run.
 */
export function systemNow(): number {
  const now = performance.timeOrigin + performance.now() + stepped
  const coarse = Date.now()
  if (now >= coarse && now < coarse + 1) return now
  const nearest = now < coarse ? coarse : coarse + 0.999
  stepped += nearest - now
  return nearest
}
