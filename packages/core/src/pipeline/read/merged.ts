import type { BucketRange, CellValue } from '../../contract/cells.ts'
import type { BucketGroups, MergedCell, MergeQuery, MergeResult, SeriesStats } from '../../contract/merging.ts'
import { isRecord } from '../../internal/kinds.ts'
import type { Settings } from '../../settings.ts'
import type { Context } from '../context.ts'
import { finestBucketOf } from '../finest.ts'
import { storeCall } from '../store-call.ts'
import { decoderOf, type Loaded } from './load.ts'
import { joinsNames, mergesCells, type ReadPlan } from './plan.ts'
import { isNested } from './shape.ts'

/** What the store merged, of the names together or of each, and the rest of the plan. */
export interface Merged {
  readonly parts: readonly Loaded[]
  readonly plan: ReadPlan
}

/**
 * A range that the store merges itself, where all that the read needs is built in; null: it cannot, or cannot exactly, and core merges what `read`
 * returns.
 */
export async function readMerged(
  context: Context,
  plan: ReadPlan,
  range: BucketRange,
  starts?: readonly number[],
): Promise<Merged | null> {
  const result = resultFor(context, plan)
  // Groups of several names are not what a store merges.
  if (result === null || (plan.groups !== undefined && joinsNames(plan))) return null
  const { interval, names, collapse, groups } = plan
  const split = groups !== undefined
  const nested = isNested(plan)
  const query: MergeQuery = {
    names,
    interval: interval.name,
    range,
    result,
    groups: groupsOf(starts ?? (collapse === undefined ? undefined : [range.first])),
    split,
    resolution: nested,
  }
  const sparing = sparingOf(context, result)
  if (sparing?.skips()) return null
  const cells = await storeCall(context, plan, 'merge', 'merge', (store, options) => store.merge!(query, options))
  sparing?.note(cells !== null)
  if (cells === null) return null
  const keyOf = (cell: MergedCell): number => (nested ? finestBucketOf(interval, cell) : cell.bucket)
  const row = rowOf(context, result)
  const parts = (split ? byName(names, cells) : [cells]).map((part) => inOrder(part, keyOf, row))
  if (!parts.every((part) => part !== null)) return null
  return { parts, plan: nested ? shaped(plan, result) : condensed(shaped(plan, result)) }
}

/** Undefined: each bucket by itself. */
function groupsOf(starts: readonly number[] | undefined): BucketGroups {
  if (starts === undefined) return { size: 1, from: 0 }
  const [from, second] = starts
  if (second === undefined) return { starts }
  const size = second - from!
  // By far the cheaper question, for buckets of a fixed length.
  return starts.every((start, index) => start === from! + index * size) ? { size, from: from! } : { starts }
}

function byName(names: readonly string[], cells: readonly MergedCell[]): MergedCell[][] {
  const parts = new Map(names.map((name) => [name, [] as MergedCell[]]))
  for (const cell of cells) parts.get(cell.name)!.push(cell)
  return [...parts.values()]
}

/** Gauges have no merge of their own, and how a store would put series together is not theirs to say. */
const WHOLE: readonly Settings['type'][] = ['count', 'histogram', 'set', 'summary', 'distribution', 'unique']
const COUNTING: readonly string[] = ['count', 'rate']
const SIZES: Partial<Record<Settings['type'], readonly string[]>> = { series: COUNTING, set: [...COUNTING, 'distinct'] }
const STATISTICS: readonly string[] = [...COUNTING, 'sum', 'mean', 'min', 'max', 'range']

/** The least that the store can return for this read; null: it merges none of it. */
function resultFor({ settings, driver }: Context, plan: ReadPlan): MergeResult | null {
  const { type, readFunc, kind } = settings
  const results = driver.capabilities.merges?.[type] ?? []
  const ownShape = [plan.fetch, plan.processRow, plan.joinRows].some((own) => own !== undefined)
  if (ownShape || [plan.condense, plan.collapse].some((stage) => typeof stage === 'function')) return null
  const transforms = namesIn(plan.fields.transform)
  // A readFunc may make one value of two.
  if (transforms !== null && readFunc === undefined) {
    const needs = (known: readonly string[]): boolean => transforms.every((name) => known.includes(name))
    const sizes = SIZES[type]
    if (results.includes('size') && sizes !== undefined && needs(sizes)) return 'size'
    const isNumber = kind?.arithmetic === 'numeric' && !kind.bigint
    if (results.includes('stats') && needs(STATISTICS) && type === 'series' && isNumber) return 'stats'
  }
  return mergesCells(plan) && results.includes('value') && WHOLE.includes(type) ? 'value' : null
}

/** The names of the transforms; null: there is none, or one is a function, which needs the data. */
function namesIn(transform: unknown): readonly string[] | null {
  if (typeof transform === 'string') return [transform]
  const all = Array.isArray(transform) ? transform : isRecord(transform) ? Object.values(transform) : [undefined]
  return all.every((name) => typeof name === 'string') ? all : null
}

/** How many reads core merges by itself at most before it asks the store again. */
const MOST_SPARED = 63

/** A store that could not add exactly has read the cells in vain: it is asked less often, until it can. */
class Sparing {
  #left = 0
  #next = 1

  /** Whether core is to merge this read by itself. */
  skips(): boolean {
    return this.#left > 0 && this.#left-- > 0
  }

  note(wasExact: boolean): void {
    this.#left = wasExact ? 0 : this.#next
    this.#next = wasExact ? 1 : Math.min(2 * this.#next + 1, MOST_SPARED)
  }
}

const sparings = new WeakMap<Context, Sparing>()

/** Only sums of the values themselves are often fractions. */
function sparingOf(context: Context, result: MergeResult): Sparing | undefined {
  if (result !== 'stats' && context.settings.type !== 'summary') return undefined
  const sparing = sparings.get(context) ?? new Sparing()
  sparings.set(context, sparing)
  return sparing
}

/** By ascending key; null if two have the same, which only a changed time zone can cause. */
function inOrder(
  cells: readonly MergedCell[],
  keyOf: (cell: MergedCell) => number,
  row: (cell: MergedCell) => unknown,
): Loaded | null {
  const keys = cells.map(keyOf)
  if (keys.every((key, index) => index === 0 || key > keys[index - 1]!)) return { keys, rows: cells.map(row) }
  const order = Array.from(keys.keys()).sort((one, other) => keys[one]! - keys[other]!)
  if (order.some((place, index) => index > 0 && keys[place] === keys[order[index - 1]!])) return null
  return { keys: order.map((place) => keys[place]!), rows: order.map((place) => row(cells[place]!)) }
}

function rowOf(context: Context, result: MergeResult): (cell: MergedCell) => unknown {
  const decode = result === 'value' ? decoderOf(context) : null
  if (decode !== null) return ({ value }) => decode(value)
  if (result !== 'size') return ({ value }) => value
  return ({ value }) => ({ count: value as number })
}

/** The later stages for rows that are merged: nothing is left to join, and statistics take the place of the values. */
function shaped(plan: ReadPlan, result: MergeResult): ReadPlan {
  const { transform } = plan
  const own = { ...plan, mayJoinLater: false, collapse: plan.collapse && onlyRow }
  if (result === 'value') return own
  const ofStatistics = statisticsOf(plan.fields.transform)
  return {
    ...own,
    // A bucket without data has the type's empty value, as ever.
    transform: (row, seconds) => (isStatistics(row) ? ofStatistics(row, seconds) : transform!(row, seconds)),
  }
}

function condensed(plan: ReadPlan): ReadPlan {
  return { ...plan, condense: undefined, interval: { ...plan.interval, resolution: null } }
}

function onlyRow(rows: ReadonlyMap<number, unknown>): unknown {
  return rows.values().next().value
}

type Statistics = Pick<SeriesStats, 'count'> & Partial<SeriesStats>

function isStatistics(row: unknown): row is Statistics {
  return isRecord(row)
}

function statisticsOf(transform: unknown): (row: Statistics, seconds: number) => unknown {
  if (typeof transform === 'string') return (row, seconds) => statistic(transform, row, seconds)
  const named: readonly (readonly [string, string])[] = Array.isArray(transform)
    ? transform.map((name: string) => [name, name])
    : Object.entries(transform as Readonly<Record<string, string>>)
  return (row, seconds) => Object.fromEntries(named.map(([key, name]) => [key, statistic(name, row, seconds)]))
}

function statistic(name: string, { count, sum, min, max }: Statistics, seconds: number): CellValue | undefined {
  if (name === 'count' || name === 'distinct') return count
  if (name === 'rate') return count / seconds
  if (name === 'sum') return sum
  if (name === 'mean') return sum! / count
  if (name === 'range') return (max as number) - (min as number)
  return name === 'min' ? min : max
}
