import { failedStore, pause } from '@kairos/core/driver'
import { toNumber } from '../values/cql-bytes.ts'
import type { Session } from './session.ts'

/**
 * Clocks that agree with the servers' within this, in milliseconds, are left alone: a correction would be smaller than its own error, and two
 * processes of one machine would no longer order their writes as they happen.
 */
const TOLERANCE = 5
/** Nodes that disagree by more make nonsense of timestamps, and are refused. */
const WORST_DRIFT = 1_000
/** Longest time between two measurements. */
const VALID = 300_000
const PROBES = 6
/** A clock of the system that was set, or stood still while the machine slept, by more than this is measured again. */
const STEP = 100

/** Greatest timestamp given out in this process: all drivers in it share one order. */
let last = 0

/** Timestamps by the servers' clock, in this process strictly ascending: what decides which write is newer, and what a delete covers. */
export class ServerClock {
  readonly #session: Session
  #offset = 0
  #error = 0
  #measured = Number.NEGATIVE_INFINITY
  /** The system's clock as it stood at the last measurement, against the clock that nobody sets. */
  #anchor = 0
  #measuring: Promise<void> | undefined

  constructor(session: Session) {
    this.#session = session
  }

  /** Measures when that is due. Rejects with a StoreFailure. */
  async ready(): Promise<void> {
    const now = performance.now()
    if (now - this.#measured < VALID && Math.abs(Date.now() - now - this.#anchor) < STEP) return
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = undefined
    })
    await this.#measuring
  }

  /**
   * How far apart two clients' clocks may be, in milliseconds. A delete's timestamp lies so far ahead, and it is answered only when as much again
   * has passed: what was written before it is older, and what comes after it newer, whichever client writes.
   */
  get uncertainty(): number {
    return 2 * (TOLERANCE + this.#error)
  }

  /** For a delete: newer than every write that was acknowledged before, on any client. In microseconds since the epoch. */
  deleteTimestamp(): number {
    return this.tick() + this.uncertainty * 1000
  }

  /** Waits until every client's clock is past a delete's timestamp, so that what is written from then on is newer. */
  async outlast(timestamp: number): Promise<void> {
    const wait = timestamp / 1000 + this.uncertainty - this.now()
    if (wait > 0) await pause(wait)
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return systemNow() + this.#offset
  }

  /** Microseconds since the epoch; no two are equal. */
  tick(): number {
    last = Math.max(last + 1, Math.floor(this.now() * 1000))
    return last
  }

  async #measure(): Promise<void> {
    const probes: { offset: number; error: number }[] = []
    // One after another: the client asks another node each time.
    for (let probe = 0; probe < PROBES; probe++) {
      const before = systemNow()
      const row = await this.#session.firstRow('SELECT toUnixTimestamp(now()) AS now FROM system.local', [])
      const after = systemNow()
      // The server's clock is cut to milliseconds.
      probes.push({ offset: toNumber(row!.now) + 0.5 - (before + after) / 2, error: (after - before) / 2 + 0.5 })
    }
    // The first probe pays for preparing the statement.
    const usable = probes.slice(1)
    const drift =
      Math.max(...usable.map(({ offset, error }) => offset - error)) -
      Math.min(...usable.map(({ offset, error }) => offset + error))
    if (drift > WORST_DRIFT)
      throw failedStore(`the clocks of the cluster's nodes differ by ${Math.round(drift)} ms; set them by NTP`, 'never')
    const best = usable.reduce((a, b) => (b.error < a.error ? b : a))
    this.#offset = Math.abs(best.offset) <= TOLERANCE + best.error ? 0 : best.offset
    this.#error = best.error
    this.#measured = performance.now()
    this.#anchor = Date.now() - this.#measured
  }
}

/** Where the system's clock has gone since this process began, against the clock that nobody sets. */
let stepped = 0

/**
 * The system's clock with microseconds: `Date.now()` has milliseconds only, too coarse to order two processes' writes. Always within the
 * millisecond that it shows, so that no two processes of one machine are further apart, however long they run.
 */
export function systemNow(): number {
  const now = performance.timeOrigin + performance.now() + stepped
  const coarse = Date.now()
  if (now >= coarse && now < coarse + 1) return now
  const nearest = now < coarse ? coarse : coarse + 0.999
  stepped += nearest - now
  return nearest
}
