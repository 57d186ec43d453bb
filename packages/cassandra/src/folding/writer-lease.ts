import { randomBytes } from 'node:crypto'
import { failedStore } from '@kairos/core/driver'
import type { ServerClock } from '../connection/server-clock.ts'
import type { Recorded, Records } from '../schema/records.ts'
import type { Timings } from '../timings.ts'
import { text } from '../values/cql-bytes.ts'

/** A number that no other live process has: rows of deltas are named by it, so that a cell has as many rows as it has writers at one time. */
export interface Writer {
  /** What `w` says in its rows: the first nearly always, the others where a row must be left alone. */
  readonly lanes: readonly Lane[]
  /** Whether it is this process's own now. */
  valid(): boolean
  /** Whether an answer that comes now is too late to be trusted: the next owner may be folding already. */
  late(): boolean
}

/** `<data center>.<number>`, and `.<lane>` behind it from the second on. */
export interface Lane {
  readonly id: string
  /** The same as the column's bytes. */
  readonly bytes: Buffer
}

interface Lease {
  readonly owner: string
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** How often a number is sought where others are quicker. */
const ATTEMPTS = 40
const LANES = 8

/**
 * Leases of writers' numbers. A process that ends leaves its number, and with it its rows, to the next one: rows of a cell, and so its reads,
 * grow neither with time nor with restarts. Taken on the first write, renewed by writes, given back by `release`; no timer runs.
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
    // Numbers are a data center's own: what another one has written at LOCAL_QUORUM may not be seen here yet, and must not be folded.
    this.#kind = `writers of ${dataCenter}`
  }

  /** The writer that this process is now. Rejects with a StoreFailure. */
  async current(): Promise<Writer> {
    const held = this.#held
    if (held?.writer.valid()) {
      if (held.lease.until - this.#clock.now() > this.#timings.writerLease / 2) return held.writer
      // Renewed while it lasts, behind the writes' backs; a failure shows when it has run out.
      this.#claim().catch(() => {})
      return held.writer
    }
    return this.#claim()
  }

  /** Gives the number back, once nothing is under way that was written by it. */
  async release(): Promise<void> {
    await this.#claiming?.catch(() => {})
    const held = this.#held
    this.#held = undefined
    if (held === undefined || !held.writer.valid()) return
    const over: Lease = { owner: '', until: 0 }
    // Left to lapse where that fails.
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
    throw failedStore('no number could be had for this writer: too many processes begin at once', 'later')
  }

  /** This process's own, though it has lapsed; else the first that is free. */
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
      // Nobody had it in between: the same writer goes on, and what it has under way stays its own.
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

export function lanesOf(id: string): Lane[] {
  return Array.from({ length: LANES }, (_, lane) => {
    const own = lane === 0 ? id : `${id}.${lane}`
    return { id: own, bytes: text(own) }
  })
}

function leaseOf({ record }: Recorded): Lease {
  return JSON.parse(record) as Lease
}
