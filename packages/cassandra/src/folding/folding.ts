import type { Scalar } from '@kairos/core/driver'
import type { ServerClock } from '../connection/server-clock.ts'
import type { Session } from '../connection/session.ts'
import { cellKey, type Layout, windowKey } from '../schema/table.ts'
import type { Timings } from '../timings.ts'
import { double, int } from '../values/cql-bytes.ts'
import { ttlOf } from '../values/ttl.ts'
import { deltasOf } from './deltas.ts'
import type { Lane, Writer } from './writer-lease.ts'

/** What rows of deltas make up: a cell, or one value of it. No bytes of its key are kept: very many of these are. */
export interface DeltaCell {
  readonly layout: Layout
  readonly name: string
  /** As its column spells it. */
  readonly window: string
  readonly bucket: number
  readonly resolutionBucket: number
  /** Of a histogram. */
  readonly scalar: Scalar | undefined
}

/** A row of deltas: of what, and of whom. */
export interface RowAddress {
  readonly cell: DeltaCell
  /** Its bytes. */
  readonly writer: Buffer
}

function keyOf({ cell, writer }: RowAddress): Buffer[] {
  const { layout, name, window, scalar } = cell
  const value = scalar === undefined ? [] : [layout.codec.encode(scalar)]
  return [...windowKey(name, window), ...cellKey(cell), ...value, writer]
}

/** What a fold left: how many deltas were too young. Null: there was nothing to fold. */
interface Folded {
  readonly left: number
}

/**
 * Adds a row's deltas up to `limit`, a timestamp, to its base: one statement, under the timestamp behind the newest of them, which also empties
 * the set of all that are not younger. Again, late, or by two processes at once means the same: the fold that took most in wins, and hides what
 * the others took; a delete that came after the row was read is newer than the fold, and hides it.
 *
 * Right only if every delta up to `limit` that will ever count is there to be read, and every delete older than `limit` is answered:
 * see docs/decisions/0051.
 */
async function foldRow(session: Session, clock: ServerClock, row: RowAddress, limit: number): Promise<Folded | null> {
  const { layout } = row.cell
  const key = keyOf(row)
  const found = await session.firstRow(layout.readRow, key)
  if (found === undefined) return null
  const entries = deltasOf(found.d)
  const settled = entries.filter(({ timestamp }) => timestamp <= limit)
  if (settled.length < 2) return { left: entries.length }
  const sum = settled.reduce((total, { delta }) => total + delta, typeof found.b === 'number' ? found.b : 0)
  const newest = settled.reduce((latest, { timestamp }) => Math.max(latest, timestamp), 0)
  const ttl = longestTtl(found, settled, clock.now())
  await session.write([{ query: layout.fold, values: [int(ttl), double(sum), ...key] }], newest + 1)
  return { left: entries.length - settled.length }
}

/** Timeseries that share an interval may keep it for different times: the row lives as long as the longest asks. */
function longestTtl(
  found: Readonly<Record<string, unknown>>,
  settled: readonly { readonly expiresAt: number }[],
  now: number,
): number {
  const ttls = settled.map(({ expiresAt }) => (expiresAt === 0 ? 0 : ttlOf(expiresAt, now)))
  if (typeof found.b === 'number') ttls.push(typeof found.left === 'number' ? found.left : 0)
  return ttls.includes(0) ? 0 : Math.max(...ttls)
}

/** One of this writer's rows, as far as this process knows. */
export interface OwnRow extends RowAddress {
  readonly owner: Writer
  /** Deltas that are in it, about. */
  entries: number
  /** Of those, the ones that the last fold found too young. */
  young: number
  /** Timestamp of the latest delta that was to be sent, in microseconds. */
  latest: number
  /** Timestamps of deltas of which nobody knows whether they arrived. */
  doubts: readonly number[]
  folding: boolean
}

/** Rows that a process keeps in mind; the others are found by their readers. */
const MOST_ROWS = 20_000
const FOLDS_AT_ONCE = 8
/** Rows that one write looks at, to fold and forget them. */
const TIDIED = 16
/** A row with so many deltas is left alone, to shrink; the writer goes on in another. Some versions misread collections of more than 65,535. */
const MOST_ENTRIES = 30_000

/** Knows which deltas this process has under way, and folds its rows when they have gathered enough: in the background, and never past those. */
export class Folding {
  readonly #session: Session
  readonly #clock: ServerClock
  readonly #timings: Timings
  /** By cell and lane; those written last come last. */
  readonly #rows = new Map<string, OwnRow>()
  /** Timestamps of batches under way: what became of some of their deltas nobody knows yet. */
  readonly #underWay = new Set<number>()
  readonly #running = new Set<Promise<void>>()
  #foldingStale = false

  constructor(session: Session, clock: ServerClock, timings: Timings) {
    this.#session = session
    this.#clock = clock
    this.#timings = timings
  }

  /** Whether some delta may still arrive. */
  get inDoubt(): boolean {
    if (this.#underWay.size > 0) return true
    for (const { doubts } of this.#rows.values()) if (doubts.length > 0) return true
    return false
  }

  /**
   * Deltas with this timestamp will be sent: nothing is folded past it until `settled` is called. Called in the same breath as the timestamp is
   * taken: whatever the process waits for in between, no fold may begin there.
   */
  sending(timestamp: number): void {
    this.#underWay.add(timestamp)
  }

  /** What became of each of them is told, by `end`. */
  settled(timestamp: number): void {
    this.#underWay.delete(timestamp)
  }

  /**
   * The row for a delta that is about to be sent: the writer's own, or, while that holds a delta of which nobody knows, a second one, so that one
   * lost answer does not stop all folding of a cell.
   */
  begin(cell: DeltaCell, owner: Writer, timestamp: number): OwnRow {
    const { lanes } = owner
    const place = placeOf(cell)
    let lane = 0
    let key = `${lanes[lane]!.id} ${place}`
    let known = this.#rows.get(key)
    while (known !== undefined && lane < lanes.length - 1 && this.#isStuck(known)) {
      key = `${lanes[++lane]!.id} ${place}`
      known = this.#rows.get(key)
    }
    const row = known ?? newRow(cell, owner, lanes[lane]!)
    row.latest = timestamp
    if (known !== undefined) this.#rows.delete(key)
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

  /** What became of it: stored, refused, or unknown. */
  end(row: OwnRow, timestamp: number, outcome: 'stored' | 'notApplied' | 'inDoubt'): void {
    if (outcome === 'inDoubt' || row.doubts.length > 0) {
      const others = row.doubts.filter((doubt) => doubt !== timestamp)
      row.doubts = outcome === 'inDoubt' ? [...others, timestamp] : others
    }
    if (outcome !== 'stored') return
    row.entries++
    // Half as many new ones as there are young ones: else a busy row would be read over and over for a few.
    if (row.entries - row.young >= Math.max(this.#timings.foldEntries, row.young / 2)) this.#fold(row)
  }

  /** Folds what has become idle, and forgets it: a few at a time, whenever something is written. */
  tidy(): void {
    const idle = (this.#clock.now() - this.#timings.foldIdle) * 1000
    let looks = 0
    let oldest: number | undefined
    for (const [key, row] of this.#rows) {
      if (++looks > TIDIED || (row.latest > idle && this.#rows.size <= MOST_ROWS)) return
      oldest ??= this.#oldestUnderWay()
      if (row.latest >= oldest || row.folding || this.#isStuck(row)) continue
      this.#rows.delete(key)
      if (row.entries >= 2) this.#fold(row)
    }
  }

  /** Folds rows of anybody's that a reader met, up to what is so old that nothing of it can be under way; one reader's after another's. */
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

  /** When every fold that was begun has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#running)
  }

  #fold(row: OwnRow): void {
    if (row.folding || !this.#session.strong || !row.owner.valid() || this.#running.size >= FOLDS_AT_ONCE) return
    row.folding = true
    this.#run(async () => {
      const counted = row.entries
      const oldest = Math.min(this.#oldestUnderWay(), ...row.doubts)
      const limit = Math.min((this.#clock.now() - this.#timings.grace) * 1000, oldest - 1)
      const folded = await foldRow(this.#session, this.#clock, row, Math.floor(limit))
      row.young = folded?.left ?? 0
      row.entries = row.young + (row.entries - counted)
    }).finally(() => {
      row.folding = false
    })
  }

  #oldestUnderWay(): number {
    let oldest = Number.POSITIVE_INFINITY
    for (const timestamp of this.#underWay) if (timestamp < oldest) oldest = timestamp
    return oldest
  }

  /** A fold that fails changes nothing: the next one takes in what it would have. */
  #run(fold: () => Promise<void>): Promise<void> {
    const running = fold()
      .catch(() => {})
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
    return running
  }
}

const NONE: readonly number[] = []

/** Where a cell's rows are: no two cells have the same. */
function placeOf({ name, window, bucket, resolutionBucket, scalar }: DeltaCell): string {
  const value = scalar === undefined ? '' : `${typeof scalar} ${scalar}`
  return `${bucket} ${resolutionBucket} ${window.length} ${name.length} ${window}${name}${value}`
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
