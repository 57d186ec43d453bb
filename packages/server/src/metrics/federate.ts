import { RequestError } from '@kairos/events/http'
import { listOf } from '../graphite/api/fields.ts'
import { parseOffset } from '../graphite/at-time.ts'
import { Budget } from '../graphite/budget.ts'
import type { Series } from '../graphite/series.ts'
import { storedSeries } from '../graphite/stored-series.ts'
import type { ServerContext, ServerRequest } from '../http/route.ts'
import { type Metric, prometheusText } from './exposition.ts'

/** Prometheus takes older values for gone. */
const USUAL_LOOKBACK = '5min'
const MOST_PATTERNS = 100

/** The answer to `/federate`: the newest finished bucket of each series that matches a pattern. */
export async function federate(request: ServerRequest, context: ServerContext): Promise<Response> {
  const { fields, signal } = request
  const { registry, limits } = context
  const patterns = listOf(fields, 'match')
  if (patterns.length === 0 || patterns.length > MOST_PATTERNS)
    throw new RequestError(400, `match[] must be given, 1 to ${MOST_PATTERNS} times: a pattern such as web.*.hits`)
  const now = context.now()
  const back = Math.abs(parseOffset(fields.get('lookback') ?? USUAL_LOOKBACK))
  const source = storedSeries({ registry, limits, signal, budget: new Budget(limits.maxFunctionCost), xFilesFactor: 0 })
  const reading = { start: Math.max(0, Math.floor(now - back)), end: Math.ceil(now), maxPoints: limits.maxPoints }
  const found = new Map<string, Series>()
  for (const pattern of patterns)
    for (const series of await source.find(pattern, reading)) found.set(series.name, series)
  return prometheusText(metricsOf([...found.values()], now))
}

/** Names that Prometheus takes for one are one metric, whose series have their own names as a label. */
function metricsOf(list: readonly Series[], now: number): Metric[] {
  const finished = list.flatMap((series) => {
    const newest = newestOf(series, now)
    if (newest === undefined) return []
    const { name = series.name, ...tags } = series.tags
    const labels = Object.fromEntries(Object.entries(tags).map(([tag, value]) => [labelOf(tag), value]))
    return { metric: metricName(name), sample: [{ ...labels, kairos_name: name }, newest.value, newest.time] as const }
  })
  return Array.from(
    Map.groupBy(finished, ({ metric }) => metric),
    ([name, found]) => ({
      name,
      type: 'gauge',
      help: 'The newest finished bucket.',
      samples: found.map(({ sample }) => sample),
    }),
  )
}

/** The last value of a bucket that is over, and when it was. */
function newestOf({ start, step, values }: Series, now: number): { value: number; time: number } | undefined {
  for (let at = values.length - 1; at >= 0; at--) {
    const end = start + (at + 1) * step
    const value = values[at]
    if (end <= now && value !== null && value !== undefined) return { value, time: end * 1000 }
  }
  return undefined
}

function metricName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_:]/g, '_').replace(/^(?=\d)/, '_')
}

/** Two underscores at the beginning are Prometheus' own. */
function labelOf(tag: string): string {
  const label = tag.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_')
  return label.startsWith('__') ? `tag${label}` : label
}
