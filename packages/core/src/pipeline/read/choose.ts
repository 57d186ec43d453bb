import { describe } from '../../internal/describe.ts'
import { ALWAYS } from '../../retention.ts'
import type { Interval } from '../../settings.ts'
import { type AskedBuckets, askedBuckets } from '../../time/asked.ts'
import { parseStep } from '../../time/step.ts'
import { canonicalZone, UTC } from '../../time/zone-names.ts'
import type { Context } from '../context.ts'
import { finestOf } from '../finest.ts'
import { edgesBetween, edgesWithin } from './edges.ts'
import { edgeInside, isoOf } from './nests.ts'
import { liveBetween } from './ranges.ts'
import { lengthOf, USUAL_STEPS, type UsualStep } from './usual-steps.ts'

/** What is asked: a stretch of time, and how many points at most. */
export interface Question {
  readonly start: number
  readonly end: number
  readonly zone: string
  readonly maxPoints: number
  /** How many points one read can list. */
  readonly most: number
  readonly now: number
}

/** Which buckets answer a question. */
export interface Choice {
  readonly interval: Interval
  /** Null: the finest that are stored, as they are. */
  readonly every: UsualStep | null
  readonly asked: AskedBuckets
  readonly edges: readonly number[]
}

/** A point costs at most this many stored buckets, where another interval has as much to say. */
const MOST_STORED = 50
/** Longer than any bucket of a calendar is beside the mean. */
const LONGER = 1.1

/**
 * The finest interval that keeps data from the start on, in the smallest of the usual steps that gives few enough points, where that merges few
 * enough buckets for each.
 */
export function choose(context: Context, question: Question): Choice & { readonly why: readonly string[] } {
  const { zone, maxPoints } = question
  const why: string[] = []
  const intervals = intervalsFor(context, question, why)
  const found: Choice[] = []
  for (const interval of intervals) {
    const choice = smallestFor(context, interval, question)
    if (choice === undefined) {
      why.push(`${describe(interval.name)} has no buckets in ${zone} that give at most ${maxPoints} points`)
      continue
    }
    why.push(inWords(choice))
    if (costOf(choice) <= MOST_STORED) return { ...choice, why }
    found.push(choice)
  }
  const last = found.at(-1) ?? fewestFor(context, intervals.at(-1)!, question)
  why.push(`none of them costs at most ${MOST_STORED} stored buckets a point; of the coarsest: ${inWords(last)}`)
  return { ...last, why }
}

/** Those that reach back to the start, else furthest; from the finest to the coarsest. */
function intervalsFor(context: Context, { start, now }: Question, why: string[]): readonly Interval[] {
  const { settings, retention } = context
  const oldest = retention.oldestLive(now)
  const reaches = settings.intervals.map((interval) => ({
    interval,
    from:
      oldest[interval.name] === ALWAYS ? Number.NEGATIVE_INFINITY : interval.buckets.startOf(oldest[interval.name]!),
  }))
  const furthest = Math.max(start, Math.min(...reaches.map(({ from }) => from)))
  for (const { interval, from } of reaches) {
    if (from > start) why.push(`${describe(interval.name)} keeps only what is from ${isoOf(from)} on`)
  }
  return reaches
    .filter(({ from }) => from <= furthest)
    .map(({ interval }) => interval)
    .sort((one, other) => lengthOf(one.finest) - lengthOf(other.finest))
}

/** The smallest step of this interval that gives few enough points. */
function smallestFor(context: Context, interval: Interval, question: Question): Choice | undefined {
  const { start, end, zone, maxPoints } = question
  const own = ownBuckets(interval)
  if (typeof interval.finest === 'number' || (own.zone === canonicalZone(zone) && interval.offset === 0)) {
    const edges = edgesWithin(own, start, end, maxPoints)
    if (edges !== null) return { interval, every: null, asked: { ...own, zone }, edges }
  }
  for (const every of USUAL_STEPS) {
    const length = lengthOf(parseStep(every)!)
    if (length < lengthOf(interval.finest) || end - start > length * LONGER * maxPoints) continue
    const choice = choiceOf(context, interval, every, question, maxPoints)
    if (choice !== undefined) return choice
  }
  return undefined
}

/** The fewest points that this interval can give: of the zone or, where stored buckets do not fit into its days, of UTC. */
function fewestFor(context: Context, interval: Interval, question: Question): Choice {
  for (const zone of [question.zone, UTC]) {
    const smallest = smallestFor(context, interval, { ...question, zone })
    if (smallest !== undefined) return smallest
    for (const every of USUAL_STEPS.toReversed()) {
      if (lengthOf(parseStep(every)!) < lengthOf(interval.finest)) break
      const choice = choiceOf(context, interval, every, { ...question, zone }, question.most)
      if (choice !== undefined) return choice
    }
  }
  const asked = ownBuckets(interval)
  return { interval, every: null, asked, edges: edgesBetween(asked, question.start, question.end, question.most) }
}

/** Undefined: they are more than `most`, or stored buckets would lie in two of them. */
function choiceOf(
  context: Context,
  interval: Interval,
  every: UsualStep,
  { start, end, zone, now }: Question,
  most: number,
): Choice | undefined {
  const asked = askedBuckets({ every, zone }, zone)
  const edges = edgesWithin(asked, start, end, most)
  if (edges === null) return undefined
  const live = liveBetween(context, interval, edges, now)
  if (live !== null && edgeInside(interval, edges, live) !== undefined) return undefined
  return { interval, every, asked, edges }
}

/** The finest that are stored. */
function ownBuckets(interval: Interval): AskedBuckets {
  const finest = finestOf(interval)
  return {
    startOf: (seconds) => finest.startOf(finest.bucketOf(seconds)),
    endOf: (seconds) => finest.endOf(finest.bucketOf(seconds)),
    step: interval.finest,
    zone: interval.zone,
  }
}

function costOf({ every, interval }: Choice): number {
  return every === null ? 1 : lengthOf(parseStep(every)!) / lengthOf(interval.finest)
}

function inWords(choice: Choice): string {
  const { interval, every, asked, edges } = choice
  const points = `${edges.length - 1} points`
  if (every === null) return `${describe(interval.name)} gives ${points}, as it is stored`
  return `${describe(interval.name)} gives ${points} in ${asked.zone} with every ${describe(every)}, of about ${Math.ceil(costOf(choice))} stored buckets each`
}
