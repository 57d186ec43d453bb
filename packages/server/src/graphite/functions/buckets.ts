import { RequestError } from '@kairos/events/http'
import { quoted } from '../../http/quoted.ts'
import { AT_ONCE } from '../aligned.ts'
import { eachMade } from '../each-made.ts'
import { type Family, graphiteFunction } from '../graphite-function.ts'
import {
  boolean,
  defaultAggregate,
  interval,
  type NamedAggregate,
  optional,
  type Span,
  series,
  source,
  string,
  suggesting,
} from '../params.ts'
import type { Scope } from '../scope.ts'
import { enough, finite, made, present, type Series } from '../series.ts'

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

const spans = suggesting(interval, '10min', '1h', '1d')
const sumByDefault = defaultAggregate('sum')

/** The values of a series in buckets of an interval, from `start` to before `end`. */
async function bucketed(
  series: Series,
  { of }: NamedAggregate,
  interval: number,
  start: number,
  end: number,
  scope: Scope,
): Promise<(number | null)[]> {
  const buckets = Math.max(0, Math.ceil((end - start) / interval))
  scope.make(buckets)
  scope.spend(series.values.length)
  const timeAt = (at: number): number => series.start + at * series.step
  const values: (number | null)[] = []
  let at = 0
  for (let bucket = 0; bucket < buckets; bucket++) {
    if (bucket % AT_ONCE === 0) await scope.turn()
    const from = start + bucket * interval
    let first = at
    while (at < series.values.length && timeAt(at) < from + interval) {
      if (timeAt(at) <= from) first = at
      at++
    }
    const inside = series.values.slice(first, at)
    const there = present(inside.filter((_, index) => timeAt(first + index) >= from)).length
    values.push(enough(there, interval / series.step, series.xFilesFactor) ? finite(of(inside)) : null)
  }
  return values
}

/** The beginning of the minute, hour or day of a time, by the clock of the request. */
function beginningOf(seconds: number, length: number, { clock }: Scope): number {
  const local = clock.localOf(seconds)
  return clock.instantOf(local - (local % length))
}

/** Monday by default: `weeks`; or the day whose number is at the end, 1 to 7. */
function beginningOfWeek(seconds: number, unit: string, { clock }: Scope): number {
  const local = clock.localOf(seconds)
  const wanted = /\d$/.test(unit) ? Number(unit.at(-1)) : 1
  const day = new Date(local * 1000).getUTCDay() || 7
  return clock.instantOf(local - (local % DAY) - ((day - wanted + 7) % 7) * DAY)
}

function beginningOfMonth(seconds: number, yearly: boolean, { clock }: Scope): number {
  const local = new Date(clock.localOf(seconds) * 1000)
  return clock.instantOf(Date.UTC(local.getUTCFullYear(), yearly ? 0 : local.getUTCMonth(), 1) / 1000)
}

/** Where the time begins, moved back to the beginning of its second, minute, hour, day, week, month or year. */
function alignedTo(seconds: number, unit: string, scope: Scope): number {
  if (/^(s|sec|second|seconds)$/.test(unit)) return Math.floor(seconds)
  if (/^min/.test(unit)) return beginningOf(seconds, MINUTE, scope)
  if (/^h/.test(unit)) return beginningOf(seconds, HOUR, scope)
  if (/^d/.test(unit)) return beginningOf(seconds, DAY, scope)
  if (/^w/.test(unit)) return beginningOfWeek(seconds, unit, scope)
  if (/^(mon|y)/.test(unit)) return beginningOfMonth(seconds, unit.startsWith('y'), scope)
  throw new RequestError(
    400,
    `smartSummarize: alignTo must be seconds, minutes, hours, days, weeks, months or years, not ${quoted(unit)}`,
  )
}

/** Values times the seconds they lasted, in buckets that end where the series does. */
function hits(series: Series, interval: number, end: number, scope: Scope): Pick<Series, 'start' | 'values'> {
  const count = Math.ceil((end - series.start) / interval)
  const start = end - count * interval
  scope.make(count)
  scope.spend(series.values.length * (1 + series.step / interval))
  const sums: (number | null)[] = new Array(count).fill(null)
  for (const [at, value] of series.values.entries()) {
    if (value === null) continue
    const until = Math.min(series.start + (at + 1) * series.step, end)
    for (let from = series.start + at * series.step; from < until; ) {
      const bucket = Math.floor((from - start) / interval)
      const to = Math.min(until, start + (bucket + 1) * interval)
      sums[bucket] = (sums[bucket] ?? 0) + value * (to - from)
      from = to
    }
  }
  return { start, values: sums.map((sum) => (sum === null ? null : finite(sum))) }
}

function alignmentOf({ seconds }: Span, from: number, scope: Scope): number {
  const unit = [DAY, HOUR, MINUTE].find((length) => seconds >= length)
  return unit === undefined ? from : beginningOf(from, unit, scope)
}

export const bucketFunctions: Family = {
  summarize: graphiteFunction({
    group: 'Transform',
    description:
      'Combines the values of each interval into one, by default their sum. Intervals count from 1970, or from the start if alignToFrom.',
    params: { seriesList: series, intervalString: spans, func: sumByDefault, alignToFrom: optional(boolean, false) },
    run: ({ seriesList, intervalString: { text, seconds }, func, alignToFrom }, scope) =>
      eachMade(seriesList, scope, async (series) => {
        const start = alignToFrom ? series.start : series.start - (series.start % seconds)
        const until = alignToFrom ? series.end : series.end - (series.end % seconds) + seconds
        const values = await bucketed(series, func, seconds, start, until, scope)
        const name = `summarize(${series.name}, "${text}", "${func.name}"${alignToFrom ? ', true' : ''})`
        return [made(series, name, { start, end: start + values.length * seconds, step: seconds, values })]
      }),
  }),
  smartSummarize: graphiteFunction({
    group: 'Transform',
    description:
      'The values of each interval as one, by default their sum. Intervals count from the start, which alignTo moves back to the beginning of its hour, day, week, …',
    params: {
      seriesList: source,
      intervalString: spans,
      func: sumByDefault,
      alignTo: optional(suggesting(string, 'minutes', 'hours', 'days', 'weeks', 'months', 'years'), null),
    },
    async run({ seriesList, intervalString: { text, seconds }, func, alignTo }, scope) {
      const { start, end } = scope.range
      const list = await seriesList.at(
        alignTo === null ? scope.range : { start: alignedTo(start, alignTo, scope), end },
      )
      return eachMade(list, scope, async (series) => {
        const values = await bucketed(series, func, seconds, series.start, series.end, scope)
        const name = `smartSummarize(${series.name}, "${text}", "${func.name}")`
        return [made(series, name, { end: series.start + values.length * seconds, step: seconds, values })]
      })
    },
  }),
  hitcount: graphiteFunction({
    group: 'Transform',
    description: 'What rates add up to in each interval: values times the seconds they last.',
    params: { seriesList: source, intervalString: spans, alignToInterval: optional(boolean, false) },
    async run({ seriesList, intervalString, alignToInterval }, scope) {
      const { text, seconds } = intervalString
      const { start, end } = scope.range
      const from = alignToInterval ? alignmentOf(intervalString, start, scope) : start
      return eachMade(await seriesList.at({ start: from, end }), scope, (series) => {
        const whole = series.start + (Math.floor((series.end - series.start) / seconds) + 1) * seconds
        const until = alignToInterval ? whole : series.end
        const name = `hitcount(${series.name}, "${text}"${alignToInterval ? ', true' : ''})`
        return [made(series, name, { ...hits(series, seconds, until, scope), step: seconds, end: until })]
      })
    },
  }),
}
