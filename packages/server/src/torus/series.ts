import { type CheckedConfig, configOf } from '@kairos/core/calls'
import { RequestError } from '@kairos/events/http'
import { checkNames, checkPoints, given, intervalNamed, pointsBetween, servedFor, transformOf } from '../api/asked.ts'
import { callErrors } from '../api/operation.ts'
import { numberTransforms } from '../graphite/statistics.ts'
import { zoneClock } from '../graphite/zone-clock.ts'
import { quoted } from '../http/quoted.ts'
import type { ServerContext, ServerRequest } from '../http/route.ts'
import { hasName } from '../timeseries/has-name.ts'
import type { Served } from '../timeseries/registry.ts'
import { momentOf } from './moment.ts'
import { parseStat, type Stat } from './stat.ts'

/** Stats of one request. */
const MOST_STATS = 100
const FORMATS = ['graphite', 'json']

type Call = ServerContext & Pick<ServerRequest, 'signal'>
type Options = Readonly<Record<string, unknown>>

/** The answer to `/series`. */
export async function series(request: ServerRequest, context: ServerContext): Promise<Response> {
  const { fields, signal } = request
  const call = { ...context, signal }
  const answers: object[] = []
  const stats = statsOf(fields, context)
  for (const stat of stats) answers.push(await callErrors(() => answerFor(stat, stats.length, fields, call)))
  return Response.json(answers)
}

/** The answer to `DELETE /series`: names in one timeseries, or in every one that has them. */
export async function deleteSeries(request: ServerRequest, context: ServerContext): Promise<Response> {
  const { fields } = request
  // What was begun is ended, also for a client that has left.
  const { signal } = new AbortController()
  const call = { ...context, signal }
  const stats = statsOf(fields, context)
  const called = stats.find((stat) => stat.called !== null)
  if (called !== undefined)
    throw new RequestError(400, `stat must be a plain name to be deleted, not ${quoted(called.spec)}`)
  const schema = fields.get('schema') ?? undefined
  const part = given({ interval: fields.get('interval') ?? undefined, ...momentsOf(fields, {}, call) })
  const searched = schema === undefined ? [...call.registry.served.values()] : [servedFor(call, schema)]
  const deleted: object[] = []
  for (const name of new Set(stats.flatMap(({ names }) => names)))
    for (const served of searched) {
      if (!(await hasName(served, name, signal))) continue
      await callErrors(() => served.timeseries.delete(name, { ...part, signal }))
      deleted.push({ stat: name, schema: served.name })
    }
  return Response.json({ deleted })
}

/** @throws RequestError */
function statsOf(fields: URLSearchParams, context: ServerContext): Stat[] {
  const all = fields.getAll('stat')
  if (all.length === 0)
    throw new RequestError(400, 'stat must be given: a name, or a function of names such as avg(app.hits)')
  if (all.length > MOST_STATS)
    throw new RequestError(400, `a request must have at most ${MOST_STATS} stats, not ${all.length}`)
  const stats = all.map(parseStat)
  const names = stats.reduce((sum, stat) => sum + stat.names.length, 0)
  checkNames(names, context)
  return stats
}

function flagOf(value: unknown): boolean {
  return value !== undefined && value !== null && !['', '0', 'false', false].includes(value as string)
}

async function answerFor(stat: Stat, stats: number, fields: URLSearchParams, call: Call): Promise<object> {
  const macro: Options | undefined = stat.called === null ? undefined : call.reads.macros.get(stat.called)
  const option = (name: string): unknown => macro?.[name] ?? fields.get(name) ?? undefined
  const format = String(option('format') ?? 'graphite')
  if (!FORMATS.includes(format))
    throw new RequestError(400, `format must be ${FORMATS.join(' or ')}, not ${quoted(format)}`)
  const served = await servedHere(
    stat,
    macro?.timeseries ?? fields.get('schema') ?? undefined,
    option('interval'),
    call,
  )
  const described = { stat: stat.spec, stat_name: stat.names, target: stat.spec }
  if (served === undefined) return { ...described, function: stat.called, datapoints: [] }
  const config = configOf(served.timeseries)
  const interval = String(option('interval') ?? config.intervals[0]!.name)
  const own = intervalNamed(config, interval)
  const moments = momentsOf(fields, macro, call)
  const steps = stepsOf(option('steps'))
  const { start, end = call.now() } = moments
  const buckets =
    start === undefined ? (steps ?? own.steps ?? 1) : pointsBetween(own.resolution ?? own.step, start, end)
  checkPoints(call, stats, buckets)
  const transform = transformNamed(macro === undefined ? stat.called : macro.transform, format, config, call)
  const { processRow, joinRows, fetch, fill, every, zone } = macro ?? {}
  const collapse = macro?.collapse ?? flagOf(fields.get('collapse'))
  const condense = macro?.condense ?? (format === 'graphite' || flagOf(fields.get('condense')))
  const options = {
    ...moments,
    ...given({ processRow, joinRows, fetch, fill, every, zone, steps, transform: transform?.made }),
    condense,
    collapse,
    signal: call.signal,
  }
  const [only] = stat.names
  const data: ReadonlyMap<number, unknown> = await served.timeseries.series(
    stat.names.length === 1 ? only! : [...stat.names],
    interval,
    options as never,
  )
  return {
    ...described,
    function: transform?.name ?? null,
    schema: served.name,
    interval,
    datapoints:
      format === 'json'
        ? data
        : Array.from(data, ([time, value]) => [typeof value === 'bigint' ? String(value) : value, time]),
  }
}

/** 0 is what torus' clients send for none. @throws RequestError */
function stepsOf(value: unknown): number | undefined {
  const steps = Number(value ?? 0)
  if (Number.isSafeInteger(steps) && steps >= 0) return steps === 0 ? undefined : steps
  throw new RequestError(400, `steps must be a whole number, not ${quoted(String(value))}`)
}

/**
 * The transform of a call, which a macro may give as a function. A chart gets means where nothing else is asked for and the type has them; `avg` is
 * the mean.
 */
function transformNamed(
  called: unknown,
  format: string,
  config: CheckedConfig,
  call: Call,
): { readonly name: unknown; readonly made: unknown } | undefined {
  if (typeof called === 'function') return { name: 'function', made: called }
  const usual = format === 'graphite' && numberTransforms(config).includes('mean') ? 'mean' : null
  const name = called ?? usual
  if (name === null) return undefined
  const known = name === 'avg' && !call.reads.transforms.has('avg') ? 'mean' : name
  return { name, made: transformOf(call, [known as string]) }
}

function momentsOf(fields: URLSearchParams, macro: Options | undefined, call: Call): { start?: number; end?: number } {
  const clock = zoneClock('UTC')
  const of = (name: string): number | undefined => {
    const value = macro?.[name] ?? fields.get(name)
    return value === null || value === undefined || value === ''
      ? undefined
      : momentOf(String(value), clock, call.now())
  }
  return given({ start: of('start'), end: of('end') }) as { start?: number; end?: number }
}

/** The timeseries that is asked for; else the first that has the interval and one of the names. */
async function servedHere(stat: Stat, schema: unknown, interval: unknown, call: Call): Promise<Served | undefined> {
  if (schema !== undefined) return servedFor(call, String(schema))
  for (const served of call.registry.served.values()) {
    const { intervals } = configOf(served.timeseries)
    if (interval !== undefined && !intervals.some(({ name }) => name === interval)) continue
    for (const name of stat.names) if (await hasName(served, name, call.signal)) return served
  }
  return undefined
}
