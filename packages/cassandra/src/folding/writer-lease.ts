import { randomBytes } from 'node:crypto'
import { failedStore } from '@kairos/core/driver'
import type { ServerClock } from '../connection/server-clock.ts'
import type { Recorded, Records } from '../schema/records.ts'
import type { Timings } from '../timings.ts'
import { text } from '../values/cql-bytes.ts'

/**
 * A number that no other live process has. Rows of deltas are named by it, so a cell has only as many rows as it had writers at the same time.
 */
export interface Writer {
  /** The values of `w` in its rows: nearly always the first, the others if a row must not get further deltas. */
  readonly lanes: readonly Lane[]
  /** Whether this process owns it now. */
  valid(): boolean
  /** Whether an answer that arrives now is too late to be trusted: the next owner may already be folding. */
  late(): boolean
}

/** `<data center>.<number>`, from the second lane on followed by `.<lane>`. */
export interface Lane {
  readonly id: string
  /** The same, as bytes. */
  readonly bytes: Buffer
}

interface Lease {
  readonly owner: string
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** How often to try for a number when other processes are quicker. */
const ATTEMPTS = 40
const LANES = 8

/**
 * Leases a writer number. A process that ends leaves its number, and so its rows, to the next one: the rows of a cell, and the cost of reading it, grow
 * neither with time nor with restarts. The first write acquires it, later writes renew it, `release` returns it; no timer runs.
 */
export class WriterLease {
  readonly #records: Records
  readonly #clock: ServerClock
  readonly #timings: Timings
  readonly #kind: string
  readonly #dataCenter: string
  readonly #owner = randomBytes(9).toString('base64url')
  /** Marks this process's deltas. */
  readonly tag: Buffer = randomBytes(4)
  #held: { number: number; record: Recorded; lease: Lease; writer: Writer } | undefined
  #claiming: Promise<Writer> | undefined

  constructor(records: Records, clock: ServerClock, timings: Timings, dataCenter: string) {
    this.#records = records
    this.#clock = clock
    this.#timings = timings
    this.#dataCenter = dataCenter
    // Each data center has its own numbers: writes made at LOCAL_QUORUM in another one may not be visible here yet, and must not be folded.
    this.#kind = `writers of ${dataCenter}`
  }

  /**
   * The writer of this process.
   * @throws StoreFailure
   */
  async current(): Promise<Writer> {
    const held = this.#held
    if (held?.writer.valid()) {
      if (held.lease.until - this.#clock.now() > this.#timings.writerLease / 2) return held.writer
      // Renewed in the background while it lasts; a failure surfaces once the lease has ended.
      this.#claim().catch(() => {})
      return held.writer
    }
    return this.#claim()
  }

  /** Returns the number. Only when no write under it is in flight. */
  async release(): Promise<void> {
    await this.#claiming?.catch(() => {})
    const held = this.#held
    this.#held = undefined
    if (held === undefined || !held.writer.valid()) return
    const over: Lease = { owner: '', until: 0 }
    // If that fails, the number lapses.
    await this.#records.replace(this.#kind, String(held.number), held.record, JSON.stringify(over)).catch(() => {})
  }

  #claim(): Promise<Writer> {
    this.#claiming ??= this.#seek().finally(() => {
      this.#claiming = undefined
    })
    return this.#claiming
  }

  async #seek(): Promise<Writer> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const records = await this.#records.read(this.#kind)
      const now = this.#clock.now()
      const number = this.#choose(records, now)
      const before = records.get(String(number))
      const lease: Lease = { owner: this.#owner, until: now + this.#timings.writerLease }
      const record = JSON.stringify(lease)
      const won =
        before === undefined
          ? await this.#records.putIfAbsent(this.#kind, String(number), record)
          : await this.#records.replace(this.#kind, String(number), before, record)
      if (!won) continue
      const kept = { record, generation: before === undefined ? 0 : before.generation + 1 }
      return this.#hold(number, kept, lease, before !== undefined && leaseOf(before).owner === this.#owner)
    }
    throw failedStore('could not acquire a writer number: too many processes are starting at once', 'later')
  }

  /** This process's own number, even if it has lapsed; else the first free one. */
  #choose(records: ReadonlyMap<string, Recorded>, now: number): number {
    let free: number | undefined
    for (let number = 0; ; number++) {
      const record = records.get(String(number))
      if (record === undefined) return free ?? number
      const { owner, until } = leaseOf(record)
      if (owner === this.#owner) return number
      if (free === undefined && until + this.#timings.writerLeaseMargin < now) free = number
    }
  }

  #hold(number: number, record: Recorded, lease: Lease, uninterrupted: boolean): Writer {
    const kept = this.#held
    if (uninterrupted && kept?.number === number) {
      // No other process had it in between: the same writer continues, with what it has in flight.
      this.#held = { ...kept, record, lease }
      return kept.writer
    }
    const until = (): number => (this.#held?.writer === writer ? this.#held.lease.until : lease.until)
    const writer: Writer = {
      lanes: lanesOf(`${this.#dataCenter}.${number}`),
      valid: () => this.#held?.writer === writer && this.#clock.now() < until(),
      late: () => this.#clock.now() > until() + this.#timings.writerLeaseMargin / 2,
    }
    this.#held = { number, record, lease, writer }
    return writer
  }
}

/** The lanes of a writer. */
export function lanesOf(id: string): Lane[] {
  return Array.from({ length: LANES }, (_, lane) => {
    const own = lane === 0 ? id : `${id}.${lane}`
    return { id: own, bytes: text(own) }
  })
}

function leaseOf({ record }: Recorded): Lease {
  return JSON.parse(record) as Lease
}
