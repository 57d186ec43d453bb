import { aborted } from '../../calls/retry.ts'
import { createYielder } from '../../calls/yielder.ts'
import type { BucketRange } from '../../contract/cells.ts'
import { liveRange } from '../../retention.ts'
import { shiftBucket } from '../../time/calculator.ts'
import type { Context } from '../context.ts'
import { planRead, type ReadPlan } from './plan.ts'
import { createShaper, isNested, type Shaper } from './shape.ts'
import { createWindows, type Window } from './windows.ts'

/** About how many values a window should hold: enough to hide the store's latency, few enough to hold two windows. */
const WINDOW_VALUES = 5_000
/** For how many buckets, most of them empty, entries are made at once. */
const PART_BUCKETS = 20_000

/** Runs one piece of I/O as a call of the timeseries, so that `close` waits for it and nothing starts afterwards. */
type Run = <T>(work: (context: Context) => Promise<T>) => Promise<T>

/** All data of the names, window by window: while the caller processes one, the next is being read. */
export async function* iterate(
  run: Run,
  names: unknown,
  interval: unknown,
  options: unknown,
): AsyncGenerator<[number, unknown], void, undefined> {
  const { plan, shaper, windows } = await run(async (context) => {
    const plan = planRead(context, names, interval, options, [])
    const oldest = context.retention.oldestLive(context.retention.now())[plan.interval.name]!
    const windows = await createWindows(context, plan, liveRange(plan.interval, oldest), WINDOW_VALUES)
    return { plan, shaper: createShaper(context, plan), windows }
  })
  const next = (): Promise<Window | null> => run((context) => windows(context))
  const turn = createYielder()
  let coming = next()
  try {
    for (;;) {
      const window = await coming
      if (window === null) return
      coming = next()
      // Awaited above, or never if the caller leaves: then there is no one to tell.
      coming.catch(() => {})
      for (const entries of answersOf(plan, shaper, window)) {
        await turn()
        for (const entry of entries) {
          if (plan.signal?.aborted) throw aborted(plan.signal)
          yield entry
        }
      }
    }
  } finally {
    coming.catch(() => {})
  }
}

function* answersOf(plan: ReadPlan, shaper: Shaper, { loaded, range }: Window): Generator<Map<number, unknown>> {
  if (isNested(plan)) yield shaper.byResolution(loaded)
  else for (const part of partsOf(plan, range)) yield shaper.flat(loaded, part)
}

/** A long stretch without data is returned in parts: it may span more buckets than fit into memory. */
function* partsOf({ interval: { buckets } }: ReadPlan, range: BucketRange): Generator<BucketRange> {
  for (let first = range.first; first <= range.last; first = shiftBucket(buckets, first, PART_BUCKETS)) {
    yield { first, last: Math.min(shiftBucket(buckets, first, PART_BUCKETS - 1), range.last) }
  }
}
