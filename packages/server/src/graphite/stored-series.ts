import { type Bucketing, bucketing } from '@kairos/core'
import { configOf } from '@kairos/core/calls'
import { RequestError } from '@kairos/events/http'
import type { ServerLimits } from '../http/limits.ts'
import type { Registry } from '../timeseries/registry.ts'
import { greatestCommonDivisor } from './aligned.ts'
import type { Budget } from './budget.ts'
import { findLeaves, findTagged, type Leaf } from './names.ts'
import type { Reading, SeriesSource } from './scope.ts'
import { finite, type Series, tagsOf } from './series.ts'
import { parseTagExpressions } from './tag-matcher.ts'
import { turn } from './turns.ts'

/** What reads series for one request. */
export interface Reader {
  readonly registry: Registry
  readonly limits: ServerLimits
  readonly signal: AbortSignal
  readonly budget: Budget
  readonly xFilesFactor: number
}

const WEEK = 7 * 86_400
/** What a read costs beside its points: a request may make a few thousand. */
const READ_COST = 20_000
/** Fewer points than this are not a line. */
const FEWEST = 10

/** The series of the server's timeseries. What is asked for twice in a request is read once. */
export function storedSeries(reader: Reader): SeriesSource {
  const known = new Map<string, Promise<readonly Series[]>>()
  let left = reader.limits.maxPoints

  async function read(leaves: readonly Leaf[], reading: Reading, path: string | null): Promise<Series[]> {
    if (leaves.length === 0) return []
    const most = Math.min(reading.maxPoints, Math.floor(left / leaves.length))
    if (most < Math.min(FEWEST, reading.maxPoints)) throw tooManyPoints(leaves.length, reader)
    const series = new Map<Leaf, Series>()
    for (const group of groupsOf(leaves)) {
      const points = await pointsOf(group, { ...reading, maxPoints: most }, reader)
      for (const leaf of group) {
        await turn()
        series.set(leaf, seriesOf(leaf, points, path ?? leaf.path, reader))
      }
    }
    const found = leaves.map((leaf) => series.get(leaf)!)
    reader.budget.spend(found.reduce((sum, { name }) => sum + name.length, 0))
    left -= found.reduce((sum, { values }) => sum + values.length, 0)
    if (left < 0) throw tooManyPoints(leaves.length, reader)
    return found
  }

  async function once(key: string, find: () => Promise<readonly Series[]>): Promise<readonly Series[]> {
    const before = known.get(key)
    if (before !== undefined) return before
    reader.budget.spend(READ_COST)
    const found = find()
    known.set(key, found)
    return found
  }

  return {
    find: (pattern, reading) =>
      once(keyOf(['find', pattern], reading), async () => read(await findLeaves(reader, pattern), reading, pattern)),
    tagged: (expressions, reading) =>
      once(keyOf(['tagged', ...expressions], reading), async () => {
        const matcher = parseTagExpressions(expressions, reader.budget)
        return read(await findTagged(reader, matcher), reading, null)
      }),
  }
}

function keyOf(asked: readonly string[], { start, end, maxPoints }: Reading): string {
  return JSON.stringify([asked, start, end, maxPoints])
}

function tooManyPoints(series: number, { limits }: Reader): RequestError {
  return new RequestError(
    400,
    `an answer must have at most ${limits.maxPoints} points (server.limits.maxPoints): ${series} series are too many for it; match fewer, or ask for a shorter time`,
  )
}

/** Those that one read answers: of one timeseries, with a transform or without. */
function groupsOf(leaves: readonly Leaf[]): Leaf[][] {
  return [...Map.groupBy(leaves, ({ served }) => served).values()].flatMap((ofServed) => [
    ...Map.groupBy(ofServed, ({ statistic }) => statistic.transform === null).values(),
  ])
}

/** What one read gave, at the same points for all names. */
interface Points extends Pick<Series, 'start' | 'end' | 'step'> {
  /** By stored name, from the start of each bucket to its number, or to its numbers by transform. */
  readonly byName: ReadonlyMap<string, ReadonlyMap<number, unknown>>
}

async function pointsOf(
  group: readonly Leaf[],
  { start, end, maxPoints }: Reading,
  { signal }: Reader,
): Promise<Points> {
  const { timeseries } = group[0]!.served
  const transforms = [...new Set(group.map(({ statistic }) => statistic.transform))].filter((name) => name !== null)
  const names = [...new Set(group.map(({ name }) => name))]
  const { interval, every, points } = await timeseries.query(names, {
    start,
    end,
    // Points are at equal distances in Graphite: weeks at most, and by the clock of no zone.
    maxPoints: Math.max(maxPoints, Math.ceil((end - start) / WEEK) + 2),
    zone: 'UTC',
    split: true,
    fill: null,
    signal,
    ...(transforms.length > 0 && { transform: Object.fromEntries(transforms.map((name) => [name, name])) }),
  })
  const stored = configOf(timeseries).intervals.find(({ name }) => name === interval)!
  const own = stored.resolution ?? stored.step
  const calendar = typeof own === 'string' ? { zone: stored.zone, offset: stored.offset } : {}
  const buckets = every === null ? bucketing(own, calendar) : bucketing(every)
  return { byName: points, ...spacingOf([...points.get(names[0]!)!.keys()], buckets) }
}

/** Buckets of different lengths become points at the greatest distance that all of them keep: each has its value where it begins. */
function spacingOf(starts: readonly number[], buckets: Bucketing): Pick<Series, 'start' | 'end' | 'step'> {
  const [start, last] = [starts[0]!, starts.at(-1)!]
  const end = last + buckets.stepSize(last)
  const lengths = new Set(starts.map((from, index) => (starts[index + 1] ?? end) - from))
  return { start, end, step: [...lengths].reduce(greatestCommonDivisor) }
}

function seriesOf(
  { path: name, name: stored, statistic }: Leaf,
  { byName, start, end, step }: Points,
  path: string,
  { xFilesFactor }: Reader,
): Series {
  const values: (number | null)[] = new Array(Math.round((end - start) / step)).fill(null)
  for (const [from, found] of byName.get(stored)!) values[(from - start) / step] = numberOf(found, statistic.transform)
  const { consolidation } = statistic
  return { name, path, start, end, step, values, consolidation, xFilesFactor, tags: tagsOf(name) }
}

function numberOf(found: unknown, transform: string | null): number | null {
  const value = transform === null || found === null ? found : (found as Record<string, unknown>)[transform]
  if (typeof value === 'bigint') return Number(value)
  return typeof value === 'number' ? finite(value) : null
}
