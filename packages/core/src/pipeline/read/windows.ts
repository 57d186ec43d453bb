import { createTurns } from '../../calls/yielder.ts'
import type { BucketRange } from '../../contract/cells.ts'
import { KairosError } from '../../errors.ts'
import { describe } from '../../internal/describe.ts'
import { shiftBucket } from '../../time/calculator.ts'
import type { Context } from '../context.ts'
import { storeCall } from '../store-call.ts'
import { type Loaded, load, NOTHING } from './load.ts'
import type { ReadPlan } from './plan.ts'

/** About how many values a window should hold: large enough that the store's latency hides behind them, small enough to be held twice. */
const TARGET_VALUES = 5_000
const FIRST_VALUES = 500
/** The same of values that may be long. */
const FIRST_LONG_VALUES = 16
/** The longest window. */
export const WINDOW_BUCKETS = 20_000
/** Most cells that a window may turn out to hold, should data that were sparse become dense in it. */
const MOST_CELLS = 200_000

/** A stretch of buckets and what it holds. */
export interface Window {
  readonly range: BucketRange
  readonly loaded: Loaded
}

/**
 * Loads a range stretch by stretch, from its first data to its last: each call gives the next one, and null after the last. There are no gaps
 * between them, but where buckets have expired since: what is read is what is live then.
 */
export async function createWindows(
  context: Context,
  plan: ReadPlan,
  range: BucketRange,
): Promise<(context: Context) => Promise<Window | null>> {
  const { buckets, fanOut } = plan.interval
  const extent = await boundsOf(context, plan, range)
  let first = extent?.first ?? 0
  const last = extent?.last ?? -1
  // Of one bucket: a cell for each name and resolution bucket.
  const cells = fanOut * plan.names.length
  const most = Math.max(1, Math.min(Math.floor(MOST_CELLS / cells), WINDOW_BUCKETS))
  let size = Math.max(1, Math.floor((context.settings.kind?.long ? FIRST_LONG_VALUES : FIRST_VALUES) / cells))
  let afterNothing = false

  return async (context) => {
    first = Math.max(first, context.retention.oldestLive(context.retention.now())[plan.interval.name]!)
    if (extent === null || first > last) return null
    if (afterNothing) {
      // A hole may be as long as history: the store knows where it ends.
      const rest = await boundsOf(context, plan, { first, last })
      const resume = rest?.first ?? shiftBucket(buckets, last, 1)
      afterNothing = false
      if (resume > first) {
        const range = { first, last: shiftBucket(buckets, resume, -1) }
        first = resume
        return { range, loaded: NOTHING }
      }
    }
    const range = { first, last: Math.min(shiftBucket(buckets, first, size - 1), last) }
    const { loaded, weight } = await load(context, plan, range)
    first = shiftBucket(buckets, range.last, 1)
    afterNothing = loaded.keys.length === 0
    size = sizeAfter(size, weight, most)
    return { range, loaded }
  }
}

/**
 * All that a range holds, however long it is: what is held is the data, and no more of them than `most` rows.
 * @throws KAIROS_INVALID_RANGE
 */
export async function loadInWindows(
  context: Context,
  plan: ReadPlan,
  range: BucketRange,
  most: number,
): Promise<Loaded> {
  const keys: number[] = []
  const rows: unknown[] = []
  const turn = createTurns()
  const next = await createWindows(context, plan, range)
  for (let window = await next(context); window !== null; window = await next(context)) {
    const { loaded } = window
    for (const [index, key] of loaded.keys.entries()) {
      keys.push(key)
      rows.push(loaded.rows[index])
    }
    if (keys.length > most) {
      throw new KairosError(
        'KAIROS_INVALID_RANGE',
        `the range holds data in more than ${most} buckets of ${describe(plan.interval.name)}: ask for less at a time, or use iterate()`,
        { interval: plan.interval.name },
      )
    }
    await turn()
  }
  return { keys, rows }
}

async function boundsOf(context: Context, plan: ReadPlan, range: BucketRange): Promise<BucketRange | null> {
  const query = { names: plan.names, interval: plan.interval.name, range }
  return storeCall(context, plan, 'bounds', (store, options) => store.bounds(query, options))
}

/** The next window's buckets, by what the store gave in this one; growing slowly, since the next may be dense. */
function sizeAfter(size: number, weight: number, most: number): number {
  const fitting = Math.floor((size * TARGET_VALUES) / Math.max(weight, 1))
  return Math.max(1, Math.min(fitting, size * 4, most))
}
