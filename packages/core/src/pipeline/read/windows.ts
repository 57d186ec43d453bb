import type { BucketRange } from '../../contract/cells.ts'
import { shiftBucket } from '../../time/calculator.ts'
import type { Context } from '../context.ts'
import { storeCall } from '../store-call.ts'
import { type Loaded, load } from './load.ts'
import type { ReadPlan } from './plan.ts'

/** A window has at most this many times as many buckets as values: one name's data is rarely so sparse. */
const MOST_BUCKETS = 4
/** The first window is this much smaller. */
const FIRST_PART = 10
/** And this much smaller where a cell may hold many values, or long ones. */
const FIRST_PART_OF_LARGE = 300
/** How many times more cells than planned a window may hold, if sparse data becomes dense in it. */
const MOST_SURPRISE = 40

/** A stretch of buckets and its data. */
export interface Window {
  readonly range: BucketRange
  readonly parts: readonly Loaded[]
}

/** For how many buckets, most of them empty, entries are made at once. */
export const PART_BUCKETS = 20_000

/** Makes the entries of an iteration from its windows, in parts. */
export interface Answers {
  of(window: Window): Iterable<Iterable<[number, unknown]>>
  /** After the last window. */
  rest?(): Iterable<Iterable<[number, unknown]>>
}

/**
 * Loads a range window by window, from its first data to its last, each of about `values` values: each call returns the next window, and null
 * after the last. The windows leave no gaps, except where buckets have expired meanwhile: each shows what is live when it is read.
 */
export async function createWindows(
  context: Context,
  plan: ReadPlan,
  range: BucketRange,
  values: number,
): Promise<(context: Context) => Promise<Window | null>> {
  const { buckets, fanOut } = plan.interval
  const extent = await boundsOf(context, plan, range)
  let first = extent?.first ?? 0
  const last = extent?.last ?? -1
  // Of one bucket: a cell for each name and resolution bucket.
  const cells = fanOut * plan.names.length
  const most = Math.max(1, Math.min(Math.floor((values * MOST_SURPRISE) / cells), values * MOST_BUCKETS))
  const { rules, kind } = context.settings
  const part = rules.many || kind?.long ? FIRST_PART_OF_LARGE : FIRST_PART
  let size = Math.max(1, Math.min(Math.floor(values / part / cells), most))
  let afterNothing = false

  return async (context) => {
    first = Math.max(first, context.retention.oldestLive(context.retention.now())[plan.interval.name]!)
    if (extent === null || first > last) return null
    if (afterNothing) {
      // A gap may be as long as history: the store knows where it ends.
      const rest = await boundsOf(context, plan, { first, last })
      const resume = rest?.first ?? shiftBucket(buckets, last, 1)
      afterNothing = false
      if (resume > first) {
        const range = { first, last: shiftBucket(buckets, resume, -1) }
        first = resume
        return { range, parts: [] }
      }
    }
    const range = { first, last: Math.min(shiftBucket(buckets, first, size - 1), last) }
    const { parts, weight } = await load(context, plan, range)
    first = shiftBucket(buckets, range.last, 1)
    afterNothing = parts.every(({ keys }) => keys.length === 0)
    // Growing slowly, since the next may be dense.
    size = Math.max(1, Math.min(Math.floor((size * values) / Math.max(weight(), 1)), size * 4, most))
    return { range, parts }
  }
}

/** The first and the last bucket of a range in which any of the names has data; null: none. */
export async function boundsOf(context: Context, plan: ReadPlan, range: BucketRange): Promise<BucketRange | null> {
  if (plan.names.length === 0) return null
  const query = { names: plan.names, interval: plan.interval.name, range }
  return storeCall(context, plan, 'bounds', 'bounds', (store, options) => store.bounds(query, options))
}
