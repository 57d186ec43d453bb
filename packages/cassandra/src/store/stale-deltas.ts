import type { CassandraRow } from '../connection/client.ts'
import { countOlder } from '../folding/deltas.ts'
import type { RowAddress } from '../folding/folding.ts'
import { hasDeltas } from '../schema/table.ts'
import { text, toNumber } from '../values/cql-bytes.ts'
import type { StoreContext } from './context.ts'

/** Rows that one read has folded. */
const MOST_FOLDED = 1_000

/** What a reader asked of one window. */
export interface WindowRange {
  readonly name: string
  /** As its column spells it. */
  readonly window: string
  /** Its key, the first and the last bucket. */
  readonly values: Buffer[]
}

/**
 * Finds, in what a reader meets, rows whose deltas should have been folded long ago: their writer is gone, or has gone on to other buckets. Whose
 * they are is asked only then, so that reads need not carry the writer of each row.
 */
export class StaleDeltas {
  readonly #context: StoreContext
  /** What is older may be folded by anybody; microseconds since the epoch. */
  readonly #old: number
  readonly #found = new Set<WindowRange>()

  /** Undefined where nothing may be folded. */
  static of(context: StoreContext): StaleDeltas | undefined {
    return hasDeltas(context.layout.type) && context.session.strong ? new StaleDeltas(context) : undefined
  }

  private constructor(context: StoreContext) {
    this.#context = context
    this.#old = (context.clock.now() - context.timings.staleAfter) * 1000
  }

  /** Looks at a row; nearly every one has been folded. */
  check(range: WindowRange, { d }: CassandraRow): void {
    if (this.#isOld(d)) this.#found.add(range)
  }

  /** Has them folded behind the reader's back. */
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
