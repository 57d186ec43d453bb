import { KairosError } from '@kairos/core'
import { checkNesting, finestOf, type Interval, type Settings, type Stretch } from '@kairos/core/calls'
import { invalidOption, isRecord } from '@kairos/core/driver'
import type { AnyTimeseries, CellSource } from '../cells/source.ts'
import { type Conversion, conversionOf } from './conversion.ts'
import { notesOf } from './notes.ts'
import { type CheckedOptions, chosenStretch } from './options.ts'
import type { Route, Routes } from './route.ts'
import { coarseIntervals, type Side, sideOf } from './sides.ts'

/**
 * Finds what each interval of the target is filled from.
 * @throws KAIROS_INVALID_CONFIG where the source has nothing that serves
 */
export async function findRoutes(from: CellSource, to: AnyTimeseries, options: CheckedOptions): Promise<Routes> {
  const [source, target] = await Promise.all([sideOf(from), sideOf(to)])
  const conversion = conversionOf(source.settings, target.settings)
  const finder = new RouteFinder(source, target, conversion, chosenStretch(options), await coarseIntervals(source))
  const wanted = chosenIntervals(target.settings, options.intervals)
  const sources = chosenSources(source.settings, target.settings, options.from)
  const routes: Route[] = []
  for (const interval of wanted) routes.push(await finder.routeTo(interval, sources.get(interval.name)))
  return { source, target, conversion, routes, notes: notesOf({ source, target, conversion, routes }) }
}

function chosenIntervals({ intervals }: Settings, names: readonly string[] | undefined): readonly Interval[] {
  if (names === undefined) return intervals
  const known = intervals.map(({ name }) => name)
  const isList = Array.isArray(names) && names.length > 0
  if (!isList || names.some((name) => !known.includes(name)))
    throw invalidOption({ path: 'intervals', expected: `a list of ${known.join(', ')}`, value: names })
  return intervals.filter(({ name }) => names.includes(name))
}

/** By interval of the target, which interval of the source is asked for. */
function chosenSources(
  source: Settings,
  target: Settings,
  from: CheckedOptions['from'] = {},
): ReadonlyMap<string, string> {
  const [own, others] = [target, source].map(({ intervals }) => intervals.map(({ name }) => name))
  if (!isRecord(from) || Object.keys(from).some((name) => !own!.includes(name)))
    throw invalidOption({ path: 'from', expected: `an object with keys among ${own!.join(', ')}`, value: from })
  for (const [name, interval] of Object.entries(from))
    if (!others!.includes(interval))
      throw invalidOption({ path: `from.${name}`, expected: `one of ${others!.join(', ')}`, value: interval })
  return new Map(Object.entries(from))
}

class RouteFinder {
  readonly #source: Side
  readonly #target: Side
  readonly #conversion: Conversion
  readonly #stretch: Stretch
  readonly #coarse: readonly Interval[]

  constructor(source: Side, target: Side, conversion: Conversion, stretch: Stretch, coarse: readonly Interval[]) {
    this.#source = source
    this.#target = target
    this.#conversion = conversion
    this.#stretch = stretch
    this.#coarse = coarse
  }

  /** From the same interval, also without its resolution, else from the finest of those that reach back far enough; `from` names another. */
  async routeTo(target: Interval, from: string | undefined): Promise<Route> {
    const all = this.#source.settings.intervals.filter(({ name }) => from === undefined || name === from)
    const same = all.filter(({ record }) => record === target.record)
    const copied = same.find(({ name }) => name === target.name) ?? same[0]
    if (copied !== undefined && (from !== undefined || !this.#conversion.prefersFine))
      return { target, source: copied, how: 'copied' }
    const serving = (await Promise.all(all.map((source) => this.#serving(source, target)))).flat()
    const [best] = serving.sort(
      (one, other) =>
        this.#missing(one, target) - this.#missing(other, target) ||
        Number(this.#isOwn(other, target)) - Number(this.#isOwn(one, target)) ||
        lengthOf(one) - lengthOf(other),
    )
    if (best !== undefined) return { target, source: best, how: same.includes(best) ? 'copied' : 'rebuilt' }
    throw invalidOption({
      path: `intervals.${target.name}`,
      expected: `one whose buckets consist of whole buckets of ${all.map(({ name }) => name).join(' or ')} of the source`,
      value: target.name,
      remedy: '`intervals` leaves it out',
    })
  }

  /** The interval, or its buckets without their resolution, if it can serve. */
  async #serving(source: Interval, target: Interval): Promise<Interval[]> {
    for (const view of [source, this.#coarse.find(({ name }) => name === source.name)!])
      if (await this.#nests(view, target)) return [view]
    return []
  }

  async #nests(source: Interval, target: Interval): Promise<boolean> {
    try {
      await checkNesting(source, target, this.#stretch, this.#target.retention)
      return true
    } catch (error) {
      if (KairosError.is(error) && error.path === 'from') return false
      throw error
    }
  }

  /** Whether it is the same interval, with a resolution that the target does without: its gauges and series are in the order of this interval. */
  #isOwn({ name }: Interval, target: Interval): boolean {
    const whole = this.#coarse.find((each) => each.name === name)!
    return !this.#conversion.prefersFine && name === target.name && whole.record === target.record
  }

  /** Where what is wanted begins to be kept, later than it is wanted. */
  #missing(source: Interval, target: Interval): number {
    const wanted = Math.max(this.#target.firstLive(target), this.#stretch.start ?? Number.NEGATIVE_INFINITY)
    const kept = this.#source.firstLive(source)
    return kept > wanted ? kept : Number.MIN_SAFE_INTEGER
  }
}

/** How long its cells are, now. */
function lengthOf(interval: Interval): number {
  const parts = finestOf(interval)
  const part = parts.bucketOf(Date.now() / 1_000)
  return parts.endOf(part) - parts.startOf(part)
}
