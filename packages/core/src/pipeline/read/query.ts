import { describe } from '../../internal/describe.ts'
import { invalidOption } from '../../internal/invalid-option.ts'
import { parseZone } from '../../time/zone-option.ts'
import { flagOf } from '../call-options.ts'
import type { Context } from '../context.ts'
import { stretchOf } from '../selected.ts'
import { choose } from './choose.ts'
import { readEdges } from './every.ts'
import { named } from './named.ts'
import { planRead, READ_OPTIONS } from './plan.ts'
import { invalidRange, mostBuckets } from './ranges.ts'
import type { UsualStep } from './usual-steps.ts'

/** What `query` chose, and the points. */
interface Answer {
  readonly interval: string
  readonly every: UsualStep | null
  readonly zone: string
  readonly points: Map<unknown, unknown>
  readonly why?: readonly string[]
}

const QUERY_OPTIONS = ['start', 'end', 'maxPoints', 'zone', 'explain', 'split', 'groupBy', ...READ_OPTIONS]

/** A range of time in at most `maxPoints` points, from the interval and in the step that fit it. */
export async function query(context: Context, names: unknown, options: unknown): Promise<Answer> {
  const { settings, retention } = context
  const planned = planRead(context, names, settings.intervals[0]!.name, options, QUERY_OPTIONS, true)
  const plan = planned.byLabels === undefined ? planned : await named(context, planned)
  const { fields } = plan
  const now = retention.now()
  const { start, end = now } = stretchOf(fields.start, fields.end ?? now)
  if (start === undefined) throw invalidRange('start must be given: it says how far back the points go', {})
  const zone = parseZone('zone', fields.zone) ?? settings.zone ?? 'UTC'
  const most = mostBuckets(context, plan)
  const maxPoints = Math.min(maxPointsOf(fields.maxPoints), most)
  const explains = flagOf('explain', fields.explain)
  const { interval, every, asked, edges, why } = choose(context, { start, end, zone, maxPoints, most, now })
  const points = await readEdges(context, { ...plan, interval }, asked, edges, now)
  return { interval: interval.name, every, zone: asked.zone, points, ...(explains && { why }) }
}

/** @throws KAIROS_INVALID_CONFIG */
function maxPointsOf(maxPoints: unknown = 500): number {
  if (Number.isSafeInteger(maxPoints) && (maxPoints as number) >= 1) return maxPoints as number
  throw invalidOption('maxPoints', `maxPoints must be an integer of at least 1, not ${describe(maxPoints)}`)
}
