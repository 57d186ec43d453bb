import type { BucketRange } from '../../contract/cells.ts'
import { ALWAYS, livePart, liveRange } from '../../retention.ts'
import type { Interval } from '../../settings.ts'
import { shiftBucket } from '../../time/calculator.ts'
import { mapConcurrently } from '../../toolkit/map-concurrently.ts'
import type { CallPlan, Context } from '../context.ts'
import { bucketsWithin, type Stretch } from '../selected.ts'
import { storeCall } from '../store-call.ts'
import type { RebuiltBucket } from './regrouping.ts'

/** How many names are asked for at once. */
const CONCURRENCY = 16

/** Which buckets of the target the source holds whole, so that a part of a bucket never replaces all of it. */
export class Coverage {
  readonly #context: Context
  readonly #plan: CallPlan
  readonly #source: Interval
  readonly #target: Interval

  constructor(context: Context, plan: CallPlan, source: Interval, target: Interval) {
    this.#context = context
    this.#plan = plan
    this.#source = source
    this.#target = target
  }

  /** The buckets to be rebuilt: live, whole in the source, and over, unless `current`; null: none. */
  rangeFor(stretch: Stretch, current: boolean): BucketRange | null {
    const { buckets } = this.#target
    const range = livePart(bucketsWithin(this.#target, stretch), this.#firstWhole())
    if (range === null) return null
    const over = shiftBucket(buckets, buckets.bucketOf(this.#context.retention.now()), -1)
    const last = current ? range.last : Math.min(range.last, over)
    return range.first > last ? null : { first: range.first, last }
  }

  /** Those that may replace what is there, and how many may not. */
  async divide(
    buckets: readonly RebuiltBucket[],
  ): Promise<{ readonly whole: readonly RebuiltBucket[]; readonly incomplete: number }> {
    const cut = await this.#cutAmong(buckets.filter(({ isEdge }) => isEdge))
    // After they were read: what has expired meanwhile may not have been found.
    const firstWhole = this.#firstWhole()
    const whole = buckets.filter((each) => each.bucket >= firstWhole && !cut.has(each))
    return { whole, incomplete: cut.size }
  }

  /** The first live bucket of which the source keeps everything. */
  #firstWhole(): number {
    const { retention } = this.#context
    const { buckets, name } = this.#target
    const oldestLive = retention.oldestLive(retention.now())
    const live = liveRange(this.#target, oldestLive[name]!).first
    const oldest = oldestLive[this.#source.name]!
    if (oldest === ALWAYS) return live
    const kept = this.#source.buckets.startOf(oldest)
    const bucket = buckets.bucketOf(kept)
    return Math.max(live, buckets.startOf(bucket) < kept ? shiftBucket(buckets, bucket, 1) : bucket)
  }

  /**
   * Of the first buckets of names: those that the source began in the middle of. It did if the target has older data, where the source would have
   * kept it, and the source has not.
   */
  async #cutAmong(edges: readonly RebuiltBucket[]): Promise<ReadonlySet<RebuiltBucket>> {
    const first = this.#firstWhole()
    const { buckets } = this.#target
    const before = ({ bucket }: RebuiltBucket): BucketRange => ({ first, last: shiftBucket(buckets, bucket, -1) })
    const older = edges.filter(({ bucket }) => bucket > first)
    if (older.length === 0) return new Set()
    const names = older.map(({ name }) => name)
    const latest = older.reduce((one, other) => (one.bucket > other.bucket ? one : other))
    // A target that was added later has nothing before: one question for all names.
    if (!(await this.#hasAny(this.#target, names, before(latest)))) return new Set()
    const cut = await mapConcurrently(CONCURRENCY, older, async (edge) => {
      const range = before(edge)
      if (!(await this.#hasAny(this.#target, [edge.name], range))) return false
      const { bucketOf } = this.#source.buckets
      const own = { first: bucketOf(buckets.startOf(first)), last: bucketOf(edge.start - 1) }
      return !(await this.#hasAny(this.#source, [edge.name], own))
    })
    return new Set(older.filter((_edge, index) => cut[index]))
  }

  async #hasAny(interval: Interval, names: readonly string[], range: BucketRange): Promise<boolean> {
    const query = { names, interval: interval.name, range }
    const found = await storeCall(this.#context, this.#plan, 'rebuild', 'bounds', (store, own) =>
      store.bounds(query, own),
    )
    return found !== null
  }
}
