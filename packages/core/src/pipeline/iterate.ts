import type { BucketRange } from '../contract.ts'
import { isMap, isSet } from '../internal/kinds.ts'
import { liveRange } from '../retention.ts'
import { shiftBucket } from '../time/calculator.ts'
import { createTurns } from '../toolkit/turns.ts'
import type { Context } from './context.ts'
import { type Loaded, load, NOTHING } from './load.ts'
import { planRead, type ReadPlan } from './plan.ts'
import { isNested } from './reads.ts'
import { aborted, callStore } from './retry.ts'
import { createShaper, type Shaper } from './shape.ts'

/** About how many values a window should hold: large enough that the store's latency hides behind them, small enough to be held twice. */
const TARGET_VALUES = 5_000
const FIRST_BUCKETS = 500
const MOST_BUCKETS = 20_000

/** A stretch of buckets and what it holds; the stretches of an iteration follow each other without gaps. */
interface Window {
  readonly range: BucketRange
  readonly loaded: Loaded
}

/** Runs one piece of I/O as a call of the timeseries, so that `close` waits for it and nothing starts after. */
type Run = <T>(work: (context: Context) => Promise<T>) => Promise<T>

/** All data of the names, window by window: while the caller looks at one, the next is on its way. */
export async function* iterate(
  run: Run,
  names: unknown,
  interval: unknown,
  options: unknown,
): AsyncGenerator<[number, unknown], void, undefined> {
  const { plan, shaper, windows } = await run(async (context) => {
    const plan = planRead(context, names, interval, options, [])
    return { plan, shaper: createShaper(context, plan), windows: await createWindows(context, plan) }
  })
  const next = (): Promise<Window | null> => run((context) => windows(context))
  const turn = createTurns()
  let coming = next()
  try {
    for (;;) {
      const window = await coming
      if (window === null) return
      coming = next()
      // Awaited above, or never, when the caller leaves: then nobody is left to tell.
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
  if (isNested(plan)) yield shaper.fine(loaded)
  else for (const part of partsOf(plan, range)) yield shaper.flat(loaded, part)
}

/** A long stretch without data is answered in parts: it may span more buckets than fit into memory. */
function* partsOf({ interval: { buckets } }: ReadPlan, range: BucketRange): Generator<BucketRange> {
  for (let first = range.first; first <= range.last; first = shiftBucket(buckets, first, MOST_BUCKETS)) {
    yield { first, last: Math.min(shiftBucket(buckets, first, MOST_BUCKETS - 1), range.last) }
  }
}

async function createWindows(context: Context, plan: ReadPlan): Promise<(context: Context) => Promise<Window | null>> {
  const { buckets, fanOut, name } = plan.interval
  const extent = await boundsOf(
    context,
    plan,
    liveRange(plan.interval, context.retention.oldestLive(context.retention.now())[name]!),
  )
  let first = extent?.first ?? 0
  const last = extent?.last ?? -1
  let size = Math.max(1, Math.floor(FIRST_BUCKETS / (fanOut * plan.names.length)))
  let afterNothing = false

  return async (context) => {
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
    const loaded = await load(context, plan, range)
    first = shiftBucket(buckets, range.last, 1)
    afterNothing = loaded.keys.length === 0
    size = sizeAfter(size, loaded)
    return { range, loaded }
  }
}

async function boundsOf(context: Context, plan: ReadPlan, range: BucketRange): Promise<BucketRange | null> {
  const { driver } = context
  const store = context.opened ?? (await context.open(plan.signal))
  const query = { names: plan.names, interval: plan.interval.name, range }
  return callStore(driver.id, 'bounds', () => store.bounds(query, plan.signal && { signal: plan.signal }), plan.signal)
}

/** The next window's buckets, by the values seen in this one; growing slowly, since the next may be dense. */
function sizeAfter(size: number, loaded: Loaded): number {
  let values = 0
  for (const data of loaded.rows)
    values += Array.isArray(data) ? data.length : isMap(data) || isSet(data) ? data.size : 1
  const fitting = Math.floor((size * TARGET_VALUES) / Math.max(values, 1))
  return Math.max(1, Math.min(fitting, size * 4, MOST_BUCKETS))
}
