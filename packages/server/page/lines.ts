import { ask, type QueryAnswer, type Timeseries } from './api.ts'
import { type State, samePick, stretchOf, zoneOf } from './state.ts'

/** A bin of a distribution. */
export interface Bin {
  readonly from: number
  readonly to: number
  readonly count: number
}

interface Line {
  readonly label: string
  /** Of the name that is shown; a comparison has that of its own. */
  readonly colour: number
  readonly compared: boolean
  readonly points: ReadonlyMap<number, number | null>
}

/** What is shown. */
export interface Shown {
  readonly lines: readonly Line[]
  /** Instead of lines: how the values of one distribution are spread, by the start of each bucket. */
  readonly heat: ReadonlyMap<number, readonly Bin[]> | null
  /** What was chosen, in words. */
  readonly chosen: string
  readonly start: number
  readonly end: number
}

const WEEK = 7 * 86_400
/** What shows a type by default; '' where a bucket is a number. */
const USUAL: Readonly<Record<string, string>> = {
  summary: 'mean',
  distribution: 'p95',
  series: 'mean',
  histogram: 'count',
  set: 'distinct',
}

/** Transforms to offer. */
export function offeredTransforms({ transforms }: Timeseries): string[] {
  return transforms.flatMap((name) => (name === 'percentiles' ? ['p50', 'p75', 'p90', 'p95', 'p99'] : [name]))
}

/** The transform that a timeseries is shown with: the one that is chosen if it has it. */
function transformFor(info: Timeseries, chosen: string): string {
  const offered = offeredTransforms(info)
  if (offered.includes(chosen)) return chosen
  const usual = USUAL[info.type] ?? ''
  return usual === '' || offered.includes(usual) ? usual : (offered[0] ?? '')
}

/** Whether one distribution is shown, and nothing was chosen to be made of it. */
export function isHeat(state: State, all: readonly Timeseries[]): boolean {
  const [pick, ...others] = state.picks
  const type = all.find(({ name }) => name === pick?.timeseries)?.type
  return others.length === 0 && type === 'distribution' && state.transform === ''
}

/** Reads what a state shows, in about this many points a line. */
export async function readLines(
  state: State,
  all: readonly Timeseries[],
  maxPoints: number,
  signal: AbortSignal,
): Promise<Shown> {
  const strange = state.picks.find(({ timeseries }) => !all.some(({ name }) => name === timeseries))
  if (strange !== undefined) throw new Error(`There is no timeseries ${strange.timeseries}.`)
  const { start, end } = stretchOf(state)
  const heat = isHeat(state, all)
  const lines: Line[] = []
  const chosen = new Set<string>()
  let spread: Map<number, Bin[]> | null = null
  for (const info of all) {
    const names = state.picks.filter(({ timeseries }) => timeseries === info.name).map(({ name }) => name)
    if (names.length === 0) continue
    const transform = heat ? '' : transformFor(info, state.transform)
    const read = (back: number): Promise<QueryAnswer> => {
      const stretch = { start: start - back, end: end - back, maxPoints }
      return ask('api/query', fieldsFor(state, info, names, transform, stretch), signal)
    }
    const now = await read(0)
    chosen.add(inWords(now))
    if (heat) {
      spread = binsOf(now)
      continue
    }
    lines.push(...linesOf(state, info, transform, now))
    if (state.compare) lines.push(...linesOf(state, info, transform, await read(WEEK), WEEK))
  }
  return { lines, heat: spread, chosen: [...chosen].join('; '), start, end }
}

/** Those of an answer, which may be from this many seconds before what is shown. */
function linesOf(state: State, info: Timeseries, transform: string, { series }: QueryAnswer, back = 0): Line[] {
  return series.map(({ name, points }) => {
    const label = transform === '' ? name : `${name} (${transform})`
    return {
      label: back === 0 ? label : `${label}, a week before`,
      colour: state.picks.findIndex((pick) => samePick(pick, { timeseries: info.name, name })),
      compared: back > 0,
      points: new Map(points.map(([time, value]) => [time + back, numberOf(value)])),
    }
  })
}

function fieldsFor(
  state: State,
  info: Timeseries,
  names: readonly string[],
  transform: string,
  { start, end, maxPoints }: { start: number; end: number; maxPoints: number },
): Record<string, unknown> {
  const known = info.intervals.some(({ name }) => name === state.interval)
  return {
    timeseries: info.name,
    names,
    start,
    end,
    zone: zoneOf(state),
    fill: state.fill,
    transform,
    split: true,
    // With an interval the zone is that of its own days.
    ...(known ? { interval: state.interval } : { maxPoints }),
  }
}

function inWords({ interval, every, zone }: QueryAnswer): string {
  return every === null ? `${interval}, as it is stored` : `${interval}, every ${every} in ${zone}`
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

function binsOf({ series }: QueryAnswer): Map<number, Bin[]> {
  const points = series[0]?.points ?? []
  return new Map(points.map(([time, data]) => [time, (data as { bins?: Bin[] } | null)?.bins ?? []]))
}
