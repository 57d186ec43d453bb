import type { CassandraRow } from '../connection/client.ts'
import { countOlder } from '../folding/deltas.ts'
import type { RowAddress } from '../folding/folding.ts'
import { hasDeltas } from '../schema/table.ts'
import { text, toNumber } from '../values/cql-bytes.ts'
import type { StoreContext } from './context.ts'

/** Maximum number of rows that one read folds. */
const MOST_FOLDED = 1_000

/** What a reader reads of one window. */
export interface WindowRange {
  readonly name: string
  /** As in its column. */
  readonly window: string
  /** The values of the query: the window's key, the first and the last bucket. */
  readonly values: Buffer[]
}

/**
 * Finds rows whose deltas should have been folded long ago: their writer has ended, or has moved on to other buckets. Their writer is looked up only
 * then, so that ordinary reads need not fetch it with each row.
 */
export class StaleDeltas {
  readonly #context: StoreContext
  /** Any process may fold what is older; microseconds since the epoch. */
  readonly #old: number
  readonly #found = new Set<WindowRange>()

  /** Undefined if this store never folds. */
  static of(context: StoreContext): StaleDeltas | undefined {
    return hasDeltas(context.layout.type) && context.session.strong ? new StaleDeltas(context) : undefined
  }

  private constructor(context: StoreContext) {
    this.#context = context
    this.#old = (context.clock.now() - context.timings.staleAfter) * 1000
  }

  /** Notes the window of a row if the row has stale deltas; hardly any has. */
  check(range: WindowRange, { d }: CassandraRow): void {
    if (this.#isOld(d)) this.#found.add(range)
  }

  /** Folds the rows that were found, in the background. */
  foldAll(): void {
    if (this.#found.size > 0) this.#context.folding.foldStale(() => this.#rows())
  }

  async *#rows(): AsyncGenerator<RowAddress> {
    const { layout, session, dataCenter } = this.#context
    let folded = 0
    for (const { name, window, values } of this.#found) {
      for await (const { i, r, value, w, d } of session.rows(layout.readWriters, values)) {
        if (!this.#isOld(d) || !(w as string).startsWith(`${dataCenter}.`)) continue
        if (++folded > MOST_FOLDED) return
        const scalar = value === undefined ? undefined : layout.codec.decode(value)
        const [bucket, resolutionBucket] = [toNumber(i), toNumber(r)]
        yield { cell: { layout, name, window, bucket, resolutionBucket, scalar }, writer: text(w as string) }
      }
    }
  }

  #isOld(deltas: unknown): boolean {
    return countOlder(deltas, this.#old) >= this.#context.timings.staleEntries
  }
}
