import type { Scalar } from '@kairos/core/driver'
import type { ServerClock } from '../connection/server-clock.ts'
import type { Session } from '../connection/session.ts'
import { cellKey, type Layout, windowKey } from '../schema/table.ts'
import type { Timings } from '../timings.ts'
import { int } from '../values/cql-bytes.ts'
import { ttlOf } from '../values/expiry.ts'
import { type Delta, deltasOf } from './deltas.ts'
import type { Lane, Writer } from './writer-lease.ts'

/** A cell, or one value of it, that is what rows of deltas come to. The bytes of its key are not kept, since there are very many of these. */
export interface DeltaCell {
  readonly layout: Layout
  readonly name: string
  /** As in its column. */
  readonly window: string
  readonly bucket: number
  readonly resolutionBucket: number
  /** Only of a histogram. */
  readonly scalar: Scalar | undefined
}

/** A row of deltas: its cell and its writer. */
export interface RowAddress {
  readonly cell: DeltaCell
  /** As bytes. */
  readonly writer: Buffer
}

function keyOf({ cell, writer }: RowAddress): Buffer[] {
  const { layout, name, window, scalar } = cell
  const value = scalar === undefined ? [] : [layout.codec.encode(scalar)]
  return [...windowKey(layout, name, window), ...cellKey(cell), ...value, writer]
}

/** What a fold did. */
interface Folded {
  /** How much the deltas weigh that were too young to be folded. */
  readonly left: number
}

/**
 * Adds a row's deltas up to the timestamp `limit` to its base, and removes them from the set: one statement, with the timestamp right after the newest
 * of them. It may be repeated, arrive late, or be made by two processes at once: the fold that took in the most wins and hides what the others took
 * in. A delete made after the row was read is newer than the fold, and hides it. Resolves to null if there is no such row.
 *
 * Correct only if every delta up to `limit` that will ever count can be read, and every delete older than `limit` has been answered:
 * see docs/decisions/0051.
 */
async function foldRow(session: Session, clock: ServerClock, row: RowAddress, limit: number): Promise<Folded | null> {
  const { layout } = row.cell
  const key = keyOf(row)
  const found = await session.firstRow(layout.readRow, key)
  if (found === undefined) return null
  const entries = deltasOf(found.d)
  const settled = entries.filter(({ timestamp }) => timestamp <= limit)
  if (settled.length < 2) return { left: weightOf(entries) }
  const base = layout.deltas!.fold(found.b, settled)
  // Damaged: a reader says so, and what is sound of it stays as it is.
  if (base === undefined) return { left: weightOf(entries) }
  const newest = settled.reduce((latest, { timestamp }) => Math.max(latest, timestamp), 0)
  const ttl = longestTtl(found, settled, clock.now())
  await session.write([{ query: layout.fold, values: [int(ttl), base, ...key] }], newest + 1)
  return { left: weightOf(entries.filter(({ timestamp }) => timestamp > limit)) }
}

/** Timeseries that share an interval may retain it for different times: the row lives as long as the longest of them requires. */
function longestTtl(
  found: Readonly<Record<string, unknown>>,
  settled: readonly { readonly expiresAt: number }[],
  now: number,
): number {
  const ttls = settled.map(({ expiresAt }) => (expiresAt === 0 ? 0 : ttlOf(expiresAt, now)))
  if (found.b !== null) ttls.push(typeof found.left === 'number' ? found.left : 0)
  return ttls.includes(0) ? 0 : Math.max(...ttls)
}

/** How many deltas a change of this many bytes counts as: large ones are folded sooner, since every reader of the cell reads them. */
export function weightOfChange(length: number): number {
  return 1 + Math.floor(length / 1_024)
}

function weightOf(deltas: readonly Delta[]): number {
  return deltas.reduce((sum, { change }) => sum + weightOfChange(change.length), 0)
}

/** A delta that is sent; without a row, something else. */
interface SentDelta {
  readonly own?: OwnRow
  /** Absent: 1. */
  readonly weight?: number
}

/** What this process knows about a row of its own. */
export interface OwnRow extends RowAddress {
  readonly owner: Writer
  /** About how many deltas it holds, the large ones counted several times. */
  entries: number
  /** Of them, those that were too young for the last fold. */
  young: number
  /** Timestamp of the latest delta, in microseconds. */
  latest: number
  /** Timestamps of deltas in doubt. */
  doubts: readonly number[]
  folding: boolean
}

/** Maximum number of rows that a process keeps track of; the others are folded by readers. */
const MOST_ROWS = 50_000
const FOLDS_AT_ONCE = 8
/** Rows that each write checks for being idle; and two for each row that came with the writes before, so that fewer and fewer are kept. */
const TIDIED = 16
/** A row with more deltas gets no further ones until it has been folded; its writer uses another row. Some versions misread collections of more than 65,535. */
const MOST_ENTRIES = 30_000

/** Keeps track of this process's deltas, and folds its rows once they have enough of them: in the background, and never past a delta in flight. */
export class Folding {
  readonly #session: Session
  readonly #clock: ServerClock
  readonly #timings: Timings
  /** By cell and lane, most recently written last. */
  readonly #rows = new Map<string, OwnRow>()
  /** Timestamps of what is in flight, and how often: one that lies ahead may be taken again. */
  readonly #inFlight = new Map<number, number>()
  readonly #running = new Set<Promise<void>>()
  #foldingStale = false
  /** Rows tracked since the last `tidy`. */
  #added = 0

  constructor(session: Session, clock: ServerClock, timings: Timings) {
    this.#session = session
    this.#clock = clock
    this.#timings = timings
  }

  /** Whether a delta may still arrive. */
  get inDoubt(): boolean {
    if (this.#inFlight.size > 0) return true
    for (const { doubts } of this.#rows.values()) if (doubts.length > 0) return true
    return false
  }

  /**
   * Announces deltas with this timestamp: nothing is folded past it until `settled` is called. Must be called in the same tick in which the timestamp is
   * taken, so that no fold can begin in between.
   */
  sending(timestamp: number): void {
    this.#inFlight.set(timestamp, (this.#inFlight.get(timestamp) ?? 0) + 1)
  }

  /** The outcome of all deltas with this timestamp has been reported with `end`. */
  settled(timestamp: number): void {
    const left = (this.#inFlight.get(timestamp) ?? 1) - 1
    if (left > 0) this.#inFlight.set(timestamp, left)
    else this.#inFlight.delete(timestamp)
  }

  /**
   * The row for a delta that is about to be sent: the writer's own, or a further one while that holds a delta in doubt, so that one lost answer does
   * not stop all folding of the cell.
   */
  begin(cell: DeltaCell, owner: Writer, timestamp: number): OwnRow {
    const { lanes } = owner
    const id = cellId(cell)
    let lane = 0
    let key = `${lanes[lane]!.id} ${id}`
    let known = this.#rows.get(key)
    while (known !== undefined && lane < lanes.length - 1 && this.#isStuck(known)) {
      key = `${lanes[++lane]!.id} ${id}`
      known = this.#rows.get(key)
    }
    const row = known ?? newRow(cell, owner, lanes[lane]!)
    row.latest = timestamp
    if (known === undefined) this.#added++
    else this.#rows.delete(key)
    this.#rows.set(key, row)
    return row
  }

  #isStuck(row: OwnRow): boolean {
    if (row.doubts.length > 0) {
      const forgotten = (this.#clock.now() - this.#timings.staleAfter) * 1000
      row.doubts = row.doubts.filter((timestamp) => timestamp >= forgotten)
    }
    return row.doubts.length > 0 || row.entries > MOST_ENTRIES
  }

  /** Reports the outcome of a delta. */
  end({ own: row, weight = 1 }: SentDelta, timestamp: number, outcome: 'stored' | 'notApplied' | 'inDoubt'): void {
    if (row === undefined) return
    if (outcome === 'inDoubt' || row.doubts.length > 0) {
      const others = row.doubts.filter((doubt) => doubt !== timestamp)
      row.doubts = outcome === 'inDoubt' ? [...others, timestamp] : others
    }
    if (outcome !== 'stored') return
    row.entries += weight
    // At least half as many new deltas as young ones: otherwise a busy row would be read again and again for a few.
    if (row.entries - row.young >= Math.max(this.#timings.foldEntries, row.young / 2)) this.#fold(row)
  }

  /** Folds idle rows and stops tracking them: a few with each write. */
  tidy(): void {
    const idle = (this.#clock.now() - this.#timings.foldIdle) * 1000
    const most = TIDIED + 2 * this.#added
    this.#added = 0
    let looks = 0
    let oldest: number | undefined
    for (const [key, row] of this.#rows) {
      if (++looks > most || (row.latest > idle && this.#rows.size <= MOST_ROWS)) return
      oldest ??= this.#oldestInFlight()
      if (row.latest >= oldest || row.folding || this.#isStuck(row)) continue
      this.#rows.delete(key)
      // Only some of many can be folded: not always the same ones, and batches are in the order of their names.
      const chosen = row.latest <= idle || Math.random() < FOLDS_AT_ONCE / most
      if (row.entries >= 2 && chosen) this.#fold(row)
    }
  }

  /** Folds rows of any writer that a reader found, up to deltas so old that none of that age can be in flight; for one reader at a time. */
  foldStale(find: () => AsyncIterable<RowAddress>): void {
    if (this.#foldingStale) return
    this.#foldingStale = true
    const limit = Math.floor((this.#clock.now() - this.#timings.staleAfter) * 1000)
    this.#run(async () => {
      for await (const row of find()) await foldRow(this.#session, this.#clock, row, limit)
    }).finally(() => {
      this.#foldingStale = false
    })
  }

  /** Resolves when all running folds have ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#running)
  }

  #fold(row: OwnRow): void {
    if (row.folding || !this.#session.strong || !row.owner.valid() || this.#running.size >= FOLDS_AT_ONCE) return
    row.folding = true
    this.#run(async () => {
      const counted = row.entries
      const oldest = Math.min(this.#oldestInFlight(), ...row.doubts)
      const limit = Math.min((this.#clock.now() - this.#timings.grace) * 1000, oldest - 1)
      const folded = await foldRow(this.#session, this.#clock, row, Math.floor(limit))
      row.young = folded?.left ?? 0
      row.entries = row.young + (row.entries - counted)
    }).finally(() => {
      row.folding = false
    })
  }

  #oldestInFlight(): number {
    let oldest = Number.POSITIVE_INFINITY
    for (const timestamp of this.#inFlight.keys()) if (timestamp < oldest) oldest = timestamp
    return oldest
  }

  /** A failed fold changes nothing; the next one takes in the same deltas. */
  #run(fold: () => Promise<void>): Promise<void> {
    const running = fold()
      .catch(() => {})
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
    return running
  }
}

const NONE: readonly number[] = []

/** Identifies a cell in a map. */
function cellId({ layout, name, window, bucket, resolutionBucket, scalar }: DeltaCell): string {
  const value = scalar === undefined ? '' : `${typeof scalar} ${scalar}`
  return `${bucket} ${resolutionBucket} ${window.length} ${name.length} ${layout.id}${window}${name}${value}`
}

function newRow(cell: DeltaCell, owner: Writer, { bytes }: Lane): OwnRow {
  return {
    cell,
    owner,
    writer: bytes,
    entries: 0,
    young: 0,
    latest: 0,
    doubts: NONE,
    folding: false,
  }
}
