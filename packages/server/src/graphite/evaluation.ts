import { RequestError } from '@kairos/events/http'
import type { Budget } from './budget.ts'
import type { CallExpression, Expression } from './expression.ts'
import { functionNamed } from './functions/index.ts'
import { assign, type GraphiteFunction } from './graphite-function.ts'
import { flatSeries, isSeriesValue, type Scope, type SeriesSource, type Source, type Value } from './scope.ts'
import type { Range, Series } from './series.ts'
import { turn } from './turns.ts'
import type { ZoneClock } from './zone-clock.ts'

/** What a request asks of all its targets. */
export interface EvaluationOptions {
  readonly source: SeriesSource
  readonly range: Range
  readonly now: number
  readonly clock: ZoneClock
  readonly xFilesFactor: number
  /** The most points of a series where functions look at them, and where they are only shown. */
  readonly maxPoints: number
  readonly shownPoints: number
  /** Numbers that functions may work through, in all targets of the request together. */
  readonly budget: Budget
  /** Aborted when nobody waits for the answer. */
  readonly signal: AbortSignal
}

/** What a call costs beside its numbers: nothing is free, however often it is repeated. */
const CALL_COST = 1_000

/** The series of a target. @throws RequestError */
export async function evaluateTarget(expression: Expression, options: EvaluationOptions): Promise<readonly Series[]> {
  const anyStep = suitsAnyStep(expression)
  const evaluation = new Evaluation(
    options,
    anyStep ? Math.min(options.shownPoints, options.maxPoints) : options.maxPoints,
  )
  const value = await evaluation.evaluate(expression, options.range)
  if (isSeriesValue(value)) return flatSeries(value)
  throw new RequestError(400, `a target must be series, not ${JSON.stringify(value)}`)
}

/** Whether only functions that take points at any distance are called. */
function suitsAnyStep(expression: Expression): boolean {
  if (expression.kind !== 'call') return true
  const called = [...expression.args, ...Object.values(expression.named)]
  return functionNamed(expression.name).anyStep && called.every(suitsAnyStep)
}

class Evaluation {
  readonly #options: EvaluationOptions
  readonly #maxPoints: number
  /** What an expression is at a time: functions that look elsewhere ask for the same more than once. */
  readonly #known = new WeakMap<Expression, Map<string, Promise<Value>>>()

  constructor(options: EvaluationOptions, maxPoints: number) {
    this.#options = options
    this.#maxPoints = maxPoints
  }

  evaluate(expression: Expression, range: Range): Promise<Value> {
    const key = `${range.start} ${range.end}`
    const times = this.#known.get(expression) ?? new Map<string, Promise<Value>>()
    this.#known.set(expression, times)
    const known = times.get(key) ?? this.#evaluate(expression, range)
    times.set(key, known)
    return known
  }

  async #evaluate(expression: Expression, range: Range): Promise<Value> {
    if (expression.kind === 'literal') return expression.value
    if (expression.kind === 'path') return await this.#options.source.find(expression.path, this.#reading(range))
    const called = functionNamed(expression.name)
    const given = await this.#given(called, expression, range)
    // Values come in while functions work.
    await this.#turn()
    const value = await called.call(expression.name, given, this.#scope(range))
    // Names as well: those of functions hold the names of what they were called with, and those that are given are as long as a target.
    const made = flatSeries(value).reduce((sum, { name, values }) => sum + name.length + values.length, 0)
    this.#options.budget.spend(CALL_COST + made)
    return value
  }

  async #turn(): Promise<void> {
    await turn()
    this.#options.signal.throwIfAborted()
  }

  async #given(called: GraphiteFunction, call: CallExpression, range: Range): Promise<Map<string, (Value | Source)[]>> {
    const given = new Map<string, (Value | Source)[]>()
    for (const [param, expressions] of assign(call.name, called, call.args, call.named)) {
      const { lazy } = called.params.get(param)!
      const values: (Value | Source)[] = []
      for (const expression of expressions)
        values.push(lazy ? this.#source(expression, range) : await this.evaluate(expression, range))
      given.set(param, values)
    }
    return given
  }

  #source(expression: Expression, usual: Range): Source {
    return { at: (range = usual) => this.#series(expression, range) }
  }

  async #series(expression: Expression, range: Range): Promise<readonly Series[]> {
    const value = await this.evaluate(expression, range)
    if (isSeriesValue(value)) return flatSeries(value)
    throw new RequestError(400, `an argument must be series, not ${JSON.stringify(value)}`)
  }

  /** Points of another stretch of time are as far apart. */
  #reading(range: Range) {
    const { start, end } = this.#options.range
    const share = (range.end - range.start) / (end - start)
    return { ...range, maxPoints: share === 1 ? this.#maxPoints : Math.ceil(this.#maxPoints * share) + 1 }
  }

  #scope(range: Range): Scope {
    const { source, now, clock, xFilesFactor, budget } = this.#options
    return {
      range,
      now,
      clock,
      xFilesFactor,
      evaluate: (expression) => this.#series(expression, range),
      tagged: (expressions) => source.tagged(expressions, this.#reading(range)),
      call: async (name, lists) => {
        const called = functionNamed(name)
        return flatSeries(await called.call(name, assign<Value>(name, called, lists, {}) as never, this.#scope(range)))
      },
      spend: (numbers) => budget.spend(numbers),
      make: (points) => {
        if (points > this.#options.maxPoints)
          throw new RequestError(
            400,
            `a series must have at most ${this.#options.maxPoints} points (server.limits.maxPoints), not ${points}`,
          )
        budget.spend(points)
      },
      turn: () => this.#turn(),
    }
  }
}
