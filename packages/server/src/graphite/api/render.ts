import { mapConcurrently } from '@kairos/core/driver'
import { RequestError } from '@kairos/events/http'
import { quoted } from '../../http/quoted.ts'
import type { ServerContext, ServerRequest } from '../../http/route.ts'
import { Budget } from '../budget.ts'
import { evaluateTarget } from '../evaluation.ts'
import { parseTarget } from '../parse-target.ts'
import { showIn } from '../series.ts'
import { storedSeries } from '../stored-series.ts'
import { turn } from '../turns.ts'
import { zoneClock } from '../zone-clock.ts'
import { fieldOf, listOf, rangeOf, wholeNumber } from './fields.ts'
import { formats } from './formats.ts'

/** Targets of one request. */
const MOST_TARGETS = 100
/** Targets that are read at a time. */
const CONCURRENT = 4

/** The answer to `/render`. */
export async function render(request: ServerRequest, context: ServerContext): Promise<Response> {
  const budget = new Budget(context.limits.maxFunctionCost, context.inbound.work)
  try {
    return await rendered(request, context, budget)
  } finally {
    budget.release()
  }
}

async function rendered(request: ServerRequest, context: ServerContext, budget: Budget): Promise<Response> {
  const { fields, signal } = request
  const clock = zoneClock(fieldOf(fields, 'tz') ?? 'UTC')
  const range = rangeOf(fields, clock, context.now())
  const format = fieldOf(fields, 'format') ?? (fields.has('rawData') ? 'raw' : 'json')
  if (!Object.hasOwn(formats, format))
    throw new RequestError(400, `format must be ${Object.keys(formats).join(', ')}, not ${quoted(format)}`)
  const targets = listOf(fields, 'target')
  if (targets.length > MOST_TARGETS)
    throw new RequestError(400, `a request must have at most ${MOST_TARGETS} targets, not ${targets.length}`)
  const maxDataPoints = wholeNumber(fields, 'maxDataPoints') ?? context.limits.maxPoints
  const xFilesFactor = Number(fieldOf(fields, 'xFilesFactor') ?? 0) || 0
  const { limits } = context
  const options = {
    source: storedSeries({ registry: context.registry, limits, signal, budget, xFilesFactor }),
    range,
    now: context.now(),
    clock,
    xFilesFactor,
    maxPoints: limits.maxPoints,
    shownPoints: maxDataPoints,
    budget,
    signal,
  }
  const variables = variablesOf(fields)
  const lists = await mapConcurrently(CONCURRENT, targets, (target) =>
    evaluateTarget(parseTarget(target, variables), options),
  )
  const series = lists.flat()
  const points = series.reduce((sum, { values }) => sum + values.length, 0)
  if (points > limits.maxPoints)
    throw new RequestError(
      400,
      `an answer must have at most ${limits.maxPoints} points (server.limits.maxPoints), not ${points}`,
    )
  await turn()
  return formats[format as keyof typeof formats](
    series.map((one) => showIn(one, maxDataPoints)),
    fields,
    clock,
  )
}

function variablesOf(fields: URLSearchParams): Record<string, string> {
  const variables: [string, string][] = []
  for (const [name, value] of fields) {
    const found = /^template\[(.+)\]$/.exec(name)
    if (found !== null) variables.push([found[1]!, value])
  }
  return Object.fromEntries(variables)
}
