import { createYielder } from '../calls/yielder.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { invalidOption } from '../internal/invalid-option.ts'
import { compareCodePoints } from '../internal/order.ts'
import type { Settings } from '../settings.ts'
import { type Fields, optionsOf } from './call-options.ts'
import { CALL_OPTIONS } from './call-plan.ts'
import type { Context } from './context.ts'
import { limitOf, namePages, selectionOf } from './names.ts'
import { readRange } from './read/get-and-series.ts'
import { named } from './read/named.ts'
import { eachAlone, planRead, READ_OPTIONS, type ReadPlan, withGroups } from './read/plan.ts'
import { liveIn, rangeOf, sizeOf } from './read/ranges.ts'

/** A name, and what it is ranked by. */
interface Ranked {
  readonly name: string
  readonly value: number | bigint
}

const OWN = ['start', 'end', 'limit', 'by', 'prefix', 'names', 'maxNames']
/** How many names are listed unless the caller says more. */
const USUAL_LIMIT = 10
/** How many names are read together: fewer where their cells may be many, or hold many values. */
const MOST_NAMES = 5_000
const FEWEST_NAMES = 100
const MOST_NAMES_OF_LARGE = 500
const MOST_CELLS = 1_000_000

/** The names with most in a range, most first. */
export async function top(context: Context, interval: unknown, options: unknown): Promise<Ranked[]> {
  const { settings, driver, retention } = context
  const fields = optionsOf(options, [...OWN, ...CALL_OPTIONS], driver.capabilities.readOptions)
  const limit = limitOf('limit', fields.limit, USUAL_LIMIT)
  const selection = selectionOf(fields)
  const now = retention.now()
  const planned = planRead(
    context,
    fields.names ?? 'any',
    interval,
    optionsOfRead(settings, fields, now),
    RANGE_OPTIONS,
  )
  const plan = planned.byLabels === undefined ? planned : await named(context, planned)
  const range = rangeOf(context, plan, now)
  const size = batchSize(context, plan, liveIn(context, plan, range, now) === null ? 0 : sizeOf(plan, range))
  const batches =
    fields.names === undefined
      ? namePages(context, plan, selection)
      : slices(plan.names.filter((name) => isSelected(name, selection.prefix)))
  const turn = createYielder()
  let best: Ranked[] = []
  for (let names = await batches(context, size); names !== null; names = await batches(context, size)) {
    if (names.length > 0) {
      const found = await readRange(context, withGroups(plan, eachAlone(names)), range, now)
      best = [...best, ...rankedIn(found as Map<string, Map<number, unknown>>)].sort(compareRanked).slice(0, limit)
    }
    await turn()
  }
  return best
}

const RANGE_OPTIONS = ['start', 'end', 'collapse', 'split', ...READ_OPTIONS]

/** Each name's range as one, by the built-in rules, so that a store may merge it. */
function optionsOfRead(settings: Settings, fields: Fields, now: number): Fields {
  const { limit: _limit, by, prefix: _prefix, names: _names, ...rest } = fields
  const { start, end = start === undefined ? undefined : now } = rest
  return { ...rest, end, collapse: true, split: true, transform: transformFor(settings, by) }
}

function transformFor({ type }: Settings, by: unknown): unknown {
  if (by !== undefined) return by
  if (type === 'gauge') throw invalidOption('by', 'by must be given for a gauge: a function of its last value')
  return type === 'count' || type === 'unique' ? undefined : 'count'
}

function isSelected(name: string, prefix: string | undefined): boolean {
  return prefix === undefined || name.startsWith(prefix)
}

/** The next of these names with each call, and null after the last. */
function slices(names: readonly string[]): (context: Context, size: number) => Promise<readonly string[] | null> {
  let from = 0
  return async (_context, size) => {
    if (from >= names.length) return null
    from += size
    return names.slice(from - size, from)
  }
}

/** A long range of many names is read in windows, so a batch need not be small for it. */
function batchSize({ settings }: Context, { interval }: ReadPlan, buckets: number): number {
  const most = settings.rules.many ? MOST_NAMES_OF_LARGE : MOST_NAMES
  return Math.min(most, Math.max(FEWEST_NAMES, Math.floor(MOST_CELLS / Math.max(1, buckets * interval.fanOut))))
}

function rankedIn(found: ReadonlyMap<string, ReadonlyMap<number, unknown>>): Ranked[] {
  const ranked: Ranked[] = []
  for (const [name, result] of found) {
    for (const value of result.values()) if (isRankable(name, value)) ranked.push({ name, value })
  }
  return ranked
}

/** @throws KAIROS_INVALID_CONFIG */
function isRankable(name: string, value: unknown): value is number | bigint {
  if (value === null || value === undefined) return false
  if (typeof value === 'number' || typeof value === 'bigint') return !Number.isNaN(value)
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `by must give numbers, or null for names that are left out, not ${describe(value)} for ${describe(name)}`,
    { path: 'by', value },
  )
}

/** Most first; of the same, in the order of the names. */
function compareRanked(one: Ranked, other: Ranked): number {
  // Of a bigint and a number too.
  if (one.value > other.value) return -1
  return one.value < other.value ? 1 : compareCodePoints(one.name, other.name)
}
