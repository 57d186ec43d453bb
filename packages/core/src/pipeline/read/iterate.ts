import { aborted } from '../../calls/retry.ts'
import { createYielder } from '../../calls/yielder.ts'
import type { BucketRange } from '../../contract/cells.ts'
import { addToJson } from '../../internal/json.ts'
import { isObject } from '../../internal/kinds.ts'
import { liveRange } from '../../retention.ts'
import { shiftBucket } from '../../time/calculator.ts'
import type { Context } from '../context.ts'
import type { Windows } from '../read-ahead.ts'
import { NOTHING } from './load.ts'
import { named } from './named.ts'
import { EVERY_OPTIONS, planRead, READ_OPTIONS, type ReadPlan } from './plan.ts'
import { createShaper, isNested, type Shaper } from './shape.ts'
import { type Answers, createWindows, PART_BUCKETS, type Window } from './windows.ts'

const ITERATE_OPTIONS = [...EVERY_OPTIONS, ...READ_OPTIONS]
/** About how many values a window should hold: enough to hide the store's latency, few enough to hold two windows. */
const WINDOW_VALUES = 5_000

/** Checks the arguments of `iterate`, and prepares its windows. */
export async function readWindows(
  context: Context,
  names: unknown,
  interval: unknown,
  options: unknown,
): Promise<Windows<[number, unknown]>> {
  const planned = planRead(context, names, interval, options, ITERATE_OPTIONS)
  const plan = planned.byLabels === undefined ? planned : await named(context, planned)
  const { signal } = plan
  const plain = plan.regroups
    ? (await import('./iterate-every.ts')).answersEvery(context, plan)
    : answersAsStored(context, plan)
  const answers = plan.fill === undefined ? plain : (await import('./filler.ts')).fillAnswers(plan.fill, plain)
  const oldest = context.retention.oldestLive(context.retention.now())[plan.interval.name]!
  const next = await createWindows(context, plan, liveRange(plan.interval, oldest), WINDOW_VALUES)
  let ended = false
  return {
    async next(context) {
      const window = await next(context)
      if (window !== null) return answers.of(window)
      const rest = ended ? undefined : answers.rest?.()
      ended = true
      return rest ?? null
    },
    turn: createYielder(),
    checkSignal() {
      if (signal?.aborted) throw aborted(signal)
    },
    withJson(entry) {
      const [, data] = entry
      // Numbers, texts and booleans, which most data is, are JSON by themselves.
      return typeof data === 'bigint' || isObject(data) ? addToJson(entry) : entry
    },
  }
}

function answersAsStored(context: Context, plan: ReadPlan): Answers {
  const shaper = createShaper(context, plan)
  return { of: (window) => answersOf(plan, shaper, window) }
}

function* answersOf(plan: ReadPlan, shaper: Shaper, { parts, range }: Window): Generator<Map<number, unknown>> {
  const [loaded = NOTHING] = parts
  if (isNested(plan)) yield shaper.byResolution(loaded)
  else for (const part of partsOf(plan, range)) yield shaper.flat(loaded, part)
}

/** A long stretch without data is returned in parts: it may span more buckets than fit into memory. */
function* partsOf({ interval: { buckets } }: ReadPlan, range: BucketRange): Generator<BucketRange> {
  for (let first = range.first; first <= range.last; first = shiftBucket(buckets, first, PART_BUCKETS)) {
    yield { first, last: Math.min(shiftBucket(buckets, first, PART_BUCKETS - 1), range.last) }
  }
}
