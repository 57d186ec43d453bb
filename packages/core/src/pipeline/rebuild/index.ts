import type { RebuildProgress, RebuildResult } from '../../api/rebuild.ts'
import { withDetails } from '../../error-details.ts'
import { describe } from '../../internal/describe.ts'
import { invalidOption } from '../../internal/invalid-option.ts'
import { isFunction } from '../../internal/kinds.ts'
import type { Interval } from '../../settings.ts'
import { harmless } from '../../toolkit/harmless.ts'
import { callEnded } from '../call-ended.ts'
import { type Fields, flagOf, optionsOf } from '../call-options.ts'
import { CALL_OPTIONS, callPlanOf } from '../call-plan.ts'
import { CellBatches } from '../cells/cell-batches.ts'
import { checkReplaces } from '../cells/check-replaces.ts'
import { type ChosenNames, chosenNames } from '../cells/chosen-names.ts'
import { windowsOf } from '../cells/windows.ts'
import type { CallPlan, Context } from '../context.ts'
import { intervalOf, momentsWithin, stretchOf } from '../selected.ts'
import { Coverage } from './coverage.ts'
import { withFormerCells } from './former-cells.ts'
import { checkNesting } from './nesting.ts'
import { Regrouping } from './regrouping.ts'

const OPTIONS = ['from', 'names', 'prefix', 'start', 'end', 'current', 'onProgress', ...CALL_OPTIONS]

/** One rebuilding, checked. */
interface Rebuilding extends ChosenNames {
  readonly target: Interval
  readonly source: Interval
  readonly plan: CallPlan
  readonly onProgress: ((progress: RebuildProgress) => void) | undefined
}

/**
 * Makes the cells of an interval again from those of a finer one: window by window of the source, each finished bucket replaced as a whole. What it
 * does it may do again.
 */
export async function rebuild(context: Context, interval: unknown, options: unknown): Promise<RebuildResult> {
  const { settings, retention } = context
  const fields = optionsOf(options, OPTIONS, [])
  checkReplaces(context, 'rebuild')
  const target = intervalOf(settings, interval)
  const rebuilding: Rebuilding = {
    ...chosenNames(context, fields),
    target,
    source: sourceOf(context, target, fields),
    plan: callPlanOf(fields, []),
    onProgress: onProgressOf(fields),
  }
  const stretch = stretchOf(fields.start, fields.end)
  await checkNesting(rebuilding.source, target, stretch, retention)
  const coverage = new Coverage(context, rebuilding.plan, rebuilding.source, target)
  const range = coverage.rangeFor(stretch, flagOf('current', fields.current))
  context.group?.sendWaiting()
  if (range === null) return { stored: 0, incomplete: 0 }
  return rebuildWithin(context, rebuilding, coverage, momentsWithin(target, range))
}

async function rebuildWithin(
  context: Context,
  { target, source, names, prefix, plan, onProgress }: Rebuilding,
  coverage: Coverage,
  stretch: { readonly start: number; readonly end: number },
): Promise<RebuildResult> {
  const batches = new CellBatches(context, plan, true)
  const { tally } = batches
  const result: { -readonly [Key in keyof RebuildResult]: RebuildResult[Key] } = { stored: 0, incomplete: 0 }
  const regrouping = new Regrouping(context.settings, source, target, stretch)

  async function put(buckets: ReturnType<Regrouping['add']>): Promise<void> {
    const { whole, incomplete } = await coverage.divide(buckets)
    result.incomplete += incomplete
    for (const bucket of await withFormerCells(context, plan, target, whole)) {
      result.first = Math.min(result.first ?? bucket.start, bucket.start)
      result.last = Math.max(result.last ?? bucket.start, bucket.start)
      for (const cell of bucket.cells) await batches.add(cell)
      progress(bucket.name)
    }
  }
  function progress(name: string): void {
    if (tally.stored === result.stored) return
    result.stored = tally.stored
    onProgress?.({ name, stored: tally.stored })
  }

  const selection = { names, prefix, intervals: [source], stretch, after: undefined, operation: 'rebuild' }
  let last = ''
  try {
    for await (const cells of windowsOf(context, plan, selection)) {
      const ended = callEnded(context, plan)
      if (ended !== undefined) throw ended
      const finished = regrouping.add(cells)
      await put(finished)
      last = finished.at(-1)?.name ?? last
    }
    const finished = regrouping.end()
    await put(finished)
    await batches.flush()
    progress(finished.at(-1)?.name ?? last)
  } catch (error) {
    throw withDetails(error, { stored: tally.stored })
  }
  return result
}

function sourceOf({ settings }: Context, target: Interval, { from }: Fields): Interval {
  const source = intervalOf(settings, from)
  if (source !== target) return source
  throw invalidOption('from', `from must be another interval than the one that is rebuilt, not ${describe(from)}`)
}

function onProgressOf({ onProgress }: Fields): Rebuilding['onProgress'] {
  if (onProgress !== undefined && !isFunction(onProgress))
    throw invalidOption('onProgress', `onProgress must be a function, not ${describe(onProgress)}`)
  return harmless('onProgress', onProgress as Rebuilding['onProgress'])
}
