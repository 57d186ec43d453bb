import type { WriteResult } from '../../api/writes.ts'
import { aborted } from '../../calls/retry.ts'
import { createYielder } from '../../calls/yielder.ts'
import type { Scalar } from '../../contract/cells.ts'
import { checkName } from '../check-values.ts'
import type { Context } from '../context.ts'
import { isFull } from './chunks.ts'
import { commitMerged } from './group-commit.ts'
import { type Merger, mergerAt } from './merge.ts'
import type { Sink } from './points.ts'
import { notWritten, tooLargeForKey } from './write-errors.ts'
import type { WritePlan } from './write-plan.ts'

/** If rolling copies make more (value, bucket) pairs than this, they are made and written in parts. */
const MOST_PAIRS = 1_000_000

/** A checked value whose copies are still to be made. */
interface Checked {
  readonly name: string
  readonly seconds: number
  readonly scalar: Scalar
  readonly times: number | undefined
}

/** Writes what `file` collects; all of it is checked before anything is written. */
export function writeWhole(
  context: Context,
  plan: WritePlan,
  file: (sink: Sink, now: number) => void,
): Promise<WriteResult> {
  const now = context.retention.now()
  const tally: WriteResult = { stored: 0, expired: 0 }
  const merger = mergerAt(context, now)
  if (plan.rolling === 0) {
    file(merger, now)
    return commitMerged(context, plan, merger, now, tally)
  }
  const checked: Checked[] = []
  file(collectorOf(context, merger, checked), now)
  const pairs = checked.length * (Math.abs(plan.rolling) + 1) * context.settings.intervals.length
  return writeCopies(context, plan, merger, checked, { now, parts: pairs > MOST_PAIRS }, tally)
}

function collectorOf({ driver }: Context, merger: Merger, checked: Checked[]): Sink {
  const add: Sink['add'] = (name, seconds, value, rolling, times) => {
    checked.push({ name, seconds, scalar: merger.check(name, seconds, value, rolling), times })
  }
  return {
    labels: merger.labels,
    add,
    addAll(name, seconds, values, rolling, times) {
      checkName(name, driver.capabilities)
      for (const value of values) add(name, seconds, value, rolling, times)
    },
  }
}

async function writeCopies(
  context: Context,
  plan: WritePlan,
  merger: Merger,
  checked: readonly Checked[],
  { now, parts }: { readonly now: number; readonly parts: boolean },
  tally: WriteResult,
): Promise<WriteResult> {
  const { signal, rolling, once } = plan
  const turn = createYielder()
  let part = merger
  for (const { name, seconds, scalar, times } of checked) {
    part.file(name, seconds, scalar, rolling, times)
    if (!parts || !isFull(part)) continue
    if (once?.key !== undefined) throw tooLargeForKey()
    await commitMerged(context, plan, part, now, tally)
    await turn()
    if (signal?.aborted) throw notWritten(context, [], tally, aborted(signal))
    part = mergerAt(context, now)
  }
  return commitMerged(context, plan, part, now, tally)
}
