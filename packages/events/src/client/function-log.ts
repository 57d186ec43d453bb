import { messageOf } from '@kairos/core/driver'
import { invalidOption } from '../checks/errors.ts'
import { checkFunction, checkOptions, checkRecord } from '../checks/options.ts'
import { asKairosError } from './background-queue.ts'
import type { ReportError } from './error-reporter.ts'
import type { LogOptions, ScopeEvent, ScopeOptions } from './types.ts'

const COMMON_OPTIONS = ['namespace', 'stackTrace', 'exceptionStackTrace'] as const
const LOG_OPTIONS = [...COMMON_OPTIONS, 'properties'] as const
const SCOPE_OPTIONS = [...COMMON_OPTIONS, 'swallow'] as const

type Enqueue = (stream: string, event: ScopeEvent, namespace: string | undefined) => void

/** Records calls of functions, and never changes them. */
export class FunctionLog {
  readonly #enqueue: Enqueue
  readonly #report: ReportError

  constructor(enqueue: Enqueue, report: ReportError) {
    this.#enqueue = enqueue
    this.#report = report
  }

  logFunction<Parameters extends unknown[], Result>(
    stream: string,
    logged: (...parameters: Parameters) => Result,
    options: LogOptions<Parameters> = {},
  ): (...parameters: Parameters) => Result {
    checkFunction(logged, 'logged')
    checkOptions(options, LOG_OPTIONS, 'logFunction')
    if (options.properties !== undefined) checkRecord(options.properties, 'properties')
    const log = this
    function recorded(this: unknown, ...parameters: Parameters): Result {
      const started = performance.now()
      const event: ScopeEvent = options.stackTrace ? { stack_trace: stackHere() } : {}
      const end = (): void => {
        event.duration = secondsSince(started)
        for (const name of Object.keys(options.properties ?? {})) {
          // A property that fails is left out.
          log.#guard(() => {
            event[name] = atOnce(name, options.properties?.[name]?.(...parameters))
          })
        }
        log.#record(stream, event, options.namespace)
      }
      return log.#observe(() => logged.apply(this, parameters), event, options, end)
    }
    return Object.defineProperties(recorded, { name: { value: logged.name }, length: { value: logged.length } })
  }

  logScope<Result>(
    stream: string,
    properties: Readonly<Record<string, unknown>>,
    body: (event: ScopeEvent) => Result,
    given: ScopeOptions = {},
  ): Result | undefined {
    // Invalid options must not keep the body from running.
    this.#guard(() => checkOptions(given, SCOPE_OPTIONS, 'logScope'))
    const options: ScopeOptions = given ?? {}
    const started = performance.now()
    const event: ScopeEvent = {}
    this.#guard(() => Object.assign(event, properties))
    if (options.stackTrace) event.stack_trace = stackHere()
    const end = (): void => {
      event.duration = secondsSince(started)
      this.#record(stream, event, options.namespace)
    }
    const run = (): Result => this.#observe(() => body(event), event, options, end)
    if (!options.swallow) return run()
    try {
      const result = run()
      return isPromise(result) ? (result.then(undefined, () => undefined) as Result) : result
    } catch {
      return undefined
    }
  }

  /** Runs something, waits for it if it is async, and records how it ended. Passes on what it returns or throws. */
  #observe<Result>(
    run: () => Result,
    event: ScopeEvent,
    { exceptionStackTrace = false }: { readonly exceptionStackTrace?: boolean },
    end: () => void,
  ): Result {
    const fail = (error: unknown): void => {
      this.#guard(() => {
        event.exception = exceptionOf(error, exceptionStackTrace)
      })
      end()
    }
    let result: Result
    try {
      result = run()
    } catch (error) {
      fail(error)
      throw error
    }
    if (!isPromise(result)) {
      end()
      return result
    }
    return result.then(
      (value) => {
        end()
        return value
      },
      (error: unknown) => {
        fail(error)
        throw error
      },
    ) as Result
  }

  #record(stream: string, event: ScopeEvent, namespace: string | undefined): void {
    this.#guard(() => this.#enqueue(stream, event, namespace))
  }

  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#report(asKairosError(error), [])
    }
  }
}

function exceptionOf(error: unknown, withStack: boolean): ScopeEvent {
  if (!(error instanceof Error)) return { message: messageOf(error), class: typeof error }
  const exception = { message: error.message, class: error.constructor.name }
  return withStack ? { ...exception, stack_trace: linesOf(error.stack) } : exception
}

/** The stack of the logged function's caller. */
function stackHere(): readonly string[] {
  return linesOf(new Error('here').stack).slice(2)
}

function linesOf(stack: string | undefined): readonly string[] {
  return (stack ?? '')
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1_000
}

/** The value of a property. A promise is a failure: the event is sent before it settles, and a rejection would end the process. */
function atOnce(name: string, value: unknown): unknown {
  if (!isPromise(value)) return value
  value.catch(() => {})
  throw invalidOption({ path: `properties.${name}`, expected: 'a function that returns a value', found: 'a promise' })
}

/** Only promises, not everything with a `then`: calling `then` starts the queries of many libraries, which are more than promises. */
function isPromise<T>(value: T): value is T & Promise<unknown> {
  try {
    return (
      Object.prototype.toString.call(value) === '[object Promise]' &&
      typeof (value as Promise<unknown>).then === 'function'
    )
  } catch {
    // An object with getters that throw is passed on as it is.
    return false
  }
}
