import type { Extent, StepForm } from '@kairos/core'
import type { Call, Flag } from '../command.ts'
import type { LabelFlags } from '../flags/labels.ts'
import type { OutputFlags } from '../flags/output.ts'
import type { RangeFlags } from '../flags/range.ts'
import type { TransformFlags } from '../flags/reading.ts'
import { Misuse } from '../misuse.ts'
import { chooseInterval } from '../reading/choose-interval.ts'
import { matchersOf } from '../reading/matchers.ts'
import { shownNames } from '../reading/names-asked.ts'
import { clockOf, readOptions } from '../reading/prepare.ts'
import { splittingOf } from '../reading/splitting.ts'
import type { Transforms } from '../reading/transforms.ts'
import type { Opened } from '../stores/opened.ts'
import { rangeOf } from '../times/parse-time.ts'
import { heatOf } from './heat-of.ts'
import type { Line, Picture, Size } from './picture.ts'

export interface PlotFlags extends RangeFlags, TransformFlags, LabelFlags {
  readonly zone: OutputFlags['zone']
  readonly interval: Flag<'text'>
  readonly every: Flag<'text'>
  readonly kind: Flag<'text'>
  readonly join: Flag<'boolean'>
}
type PlotCall = Pick<Call<PlotFlags>, 'words' | 'flags' | 'signal'>

const OF_COUNTS: readonly string[] = ['histogram', 'distribution']
const NUMERIC: readonly unknown[] = ['float', 'int', 'int64']

/** Reads what a call wants to see; null: there is no data. @throws Misuse */
export async function readPicture(call: PlotCall, opened: Opened, size: Size): Promise<Picture | null> {
  const { words: names, flags } = call
  const kind = (flags.kind as Picture['kind'] | undefined) ?? usualKind(opened, flags)
  const range = await wantedRange(call, opened)
  if (range === null) return null
  const isHeat = kind === 'heat'
  if (isHeat && (!OF_COUNTS.includes(opened.type) || flags.transform !== undefined))
    throw new Misuse('--kind heat must be of a histogram or a distribution, without --transform')
  const transform = isHeat ? [] : (flags.transform ?? (flags.macro === undefined ? usualTransform(opened) : []))
  const { options, transforms } = readOptions({ ...call, flags: { ...flags, transform } }, opened)
  const { part, options: splitting } = partsOf(flags, isHeat)
  const most = mostPoints(kind, size, part === undefined ? 1 : names.length)
  const { points, from, zone } = await read(call, opened, { ...options, ...range, ...splitting }, most)
  const title = `${shownNames(names)}: ${[opened.label, ...transforms.columns.filter((name) => name !== 'value')].join(' ')}, ${from}, ${zone}`
  if (isHeat) return { kind, title, zone, heat: heatOf(points as ReadonlyMap<number, unknown>, size.rows) }
  return { kind, title, zone, lines: linesOf(points, names, part !== undefined, transforms) }
}

/** Each name or each group is a line of its own; heat is of all of them. @throws Misuse */
function partsOf({ join, groupBy }: PlotCall['flags'], isHeat: boolean): ReturnType<typeof splittingOf> {
  if (isHeat && groupBy !== undefined) throw new Misuse('--group-by must not be used with --kind heat')
  return splittingOf({ groupBy, split: !isHeat && !join && groupBy === undefined })
}

function usualKind({ type }: Opened, { transform }: PlotCall['flags']): 'line' | 'heat' {
  return OF_COUNTS.includes(type) && transform === undefined ? 'heat' : 'line'
}

/** A number for each bucket. */
function usualTransform({ type, valueType }: Opened): readonly string[] {
  if (type === 'summary') return ['mean']
  if (type === 'series') return [NUMERIC.includes(valueType) ? 'mean' : 'count']
  if (type === 'set') return ['distinct']
  if (type === 'histogram') return ['count']
  return type === 'distribution' ? ['p50', 'p99'] : []
}

/** How many buckets fit: bars lie below one another, the others beside. */
function mostPoints(kind: Picture['kind'], { columns, rows }: Size, lines: number): number {
  if (kind === 'bar') return Math.max(2, Math.floor(rows / lines))
  return Math.max(10, columns - (kind === 'spark' ? 30 : 12))
}

interface Range {
  readonly start: number
  readonly end: number | undefined
}

/** What is asked for, or all that there is. */
async function wantedRange({ words, flags, signal }: PlotCall, opened: Opened): Promise<Range | null> {
  const clock = clockOf(flags.zone, opened, flags.interval)
  const { start, end } = rangeOf(flags, clock)
  if (start !== undefined) return { start, end }
  if (flags.where !== undefined) throw new Misuse('--start must be given with --where')
  const extents: Extent[] = []
  for (const name of words) {
    const own = await opened.timeseries.properties(name, { signal, patience: flags.patience })
    const wanted = flags.interval === undefined ? Object.values(own) : [own[flags.interval]]
    extents.push(...wanted.filter((each) => each !== undefined))
  }
  if (extents.length === 0) return null
  return {
    start: Math.min(...extents.map(({ first }) => first)),
    end: end ?? Math.max(...extents.map(({ last }) => last)),
  }
}

interface Read {
  readonly points: ReadonlyMap<unknown, unknown>
  /** What the buckets are, in words. */
  readonly from: string
  readonly zone: string
}

/** From the interval that suits the range, unless the call says which, or which buckets. */
async function read({ words, flags }: PlotCall, opened: Opened, options: Range, maxPoints: number): Promise<Read> {
  const { timeseries, intervals } = opened
  if (flags.interval === undefined && flags.every === undefined) {
    const answer = await timeseries.query(matchersOf(words, flags.where), { ...options, maxPoints, zone: flags.zone })
    const { points, interval, every, zone } = answer
    return { points, from: every === null ? `by ${interval}` : `every ${every}`, zone }
  }
  const { interval } = chooseInterval([], flags.interval, opened)
  const { every, zone } = flags
  const own =
    every === undefined ? { condense: true } : { every: every as StepForm, ...(zone !== undefined && { zone }) }
  const points = await timeseries.series(matchersOf(words, flags.where), interval, { ...options, ...own })
  return {
    points,
    from: every === undefined ? `by ${interval}` : `every ${every}`,
    zone: zone ?? intervals.get(interval)!.zone,
  }
}

function linesOf(
  points: ReadonlyMap<unknown, unknown>,
  names: readonly string[],
  split: boolean,
  { columns, fields }: Transforms,
): Line[] {
  const byName = split
    ? (points as ReadonlyMap<string, ReadonlyMap<number, unknown>>)
    : new Map([[names.length > 5 ? shownNames(names) : names.join('+'), points]])
  return Array.from(byName, ([name, buckets]) =>
    columns.map((column) => {
      const label = [byName.size > 1 || columns.length === 1 ? name : '', columns.length > 1 ? column : '']
        .join(' ')
        .trim()
      const values = Array.from(
        buckets as ReadonlyMap<number, unknown>,
        ([start, data]) => [start, numberOf(fields(data)[column], label)] as const,
      )
      return { label, points: values }
    }),
  ).flat()
}

function numberOf(value: unknown, label: string): number | null {
  if (value === null || value === undefined) return null
  const number = typeof value === 'bigint' ? Number(value) : value
  if (typeof number === 'number' && Number.isFinite(number)) return number
  throw new Misuse(`${label} must have numbers to be plotted: use a --transform such as count`)
}
