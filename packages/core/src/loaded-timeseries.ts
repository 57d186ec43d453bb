import type { BufferSettings } from './buffer-settings.ts'
import { ArrivalQueue } from './calls/arrival-queue.ts'
import { CallGate } from './calls/call-gate.ts'
import { checkedMilliseconds } from './calls/patience.ts'
import { callChannel } from './diagnostics/channels.ts'
import { traceCall } from './diagnostics/trace-call.ts'
import { traceIteration } from './diagnostics/trace-iteration.ts'
import { connectionOf } from './drivers/connection.ts'
import { CLOSED } from './internal/closed.ts'
import type { Part } from './part.ts'
import {
  buffering,
  connecting,
  copying,
  correcting,
  dropping,
  managing,
  naming,
  querying,
  ranking,
  reading,
  rebuilding,
  writing,
} from './parts.ts'
import { optionsOf } from './pipeline/call-options.ts'
import type { Connector } from './pipeline/connect.ts'
import type { Context } from './pipeline/context.ts'
import { type Entries, entriesOf } from './pipeline/entries.ts'
import { readAhead, type Windows } from './pipeline/read-ahead.ts'
import type { LoadedBuffer } from './pipeline/write/loaded-buffer.ts'
import type { CheckedConfig } from './settings.ts'

/** The methods of a timeseries that are one call each. */
export type CallName =
  | 'open'
  | 'insert'
  | 'bulkInsert'
  | 'get'
  | 'series'
  | 'query'
  | 'top'
  | 'write'
  | 'rebuild'
  | 'list'
  | 'properties'
  | 'delete'
  | 'deleteAll'
  | 'expire'
  | 'drop'
  | 'close'
/** Those that iterate. */
export type IterationName = 'iterate' | 'cells' | 'names'

/** What the methods of a timeseries do. */
export interface LoadedTimeseries
  extends Readonly<Record<CallName, (first?: unknown, second?: unknown, third?: unknown) => Promise<unknown>>>,
    Readonly<Record<IterationName, (given: readonly unknown[]) => Promise<Entries<unknown>>>> {
  loadBuffer(settings: BufferSettings, adopt: (buffer: LoadedBuffer) => void): Promise<void>
}

/** In milliseconds. */
const SHORTEST_CLOSE = 1_000

/** The calls of a timeseries whose store and configuration were checked; they begin in the order in which they come. */
export function loadTimeseries(store: unknown, config: CheckedConfig): LoadedTimeseries {
  const connection = connectionOf(store, config.clientConfig)
  const calls = new CallGate(CLOSED)
  let connector: Connector | undefined
  let context: Context | undefined
  const queue = new ArrivalQueue()

  async function connected(options: unknown, isWrite: boolean): Promise<Context> {
    if (context !== undefined) return context
    const { createConnector } = await connecting.load()
    connector ??= createConnector(config, connection, calls)
    return connector(options, isWrite)
  }

  /**
   * One call: `work` has what it needs once its part is loaded and the driver is there. Until then calls wait in the order in which they came,
   * so that no write overtakes an earlier one.
   */
  async function run<Module, T>(
    part: Part<Module>,
    options: unknown,
    work: (module: Module, context: Context) => Promise<T>,
  ): Promise<T> {
    calls.enter(connection.id)
    try {
      if (context !== undefined && part.loaded !== undefined && queue.isEmpty) return await work(part.loaded, context)
      return await queue.start(async (turn) => {
        const [module, ready] = await Promise.all([
          part.load(),
          connected(options, part === writing || part === correcting),
        ])
        if (ready.failed === undefined) {
          context = ready
          await turn
        }
        return () => work(module, ready)
      })
    } finally {
      calls.leave()
    }
  }

  let closing: Promise<void> | undefined
  const close = async (options?: unknown): Promise<void> => {
    const fields = optionsOf(options, ['timeout'], [])
    const timeout = checkedMilliseconds('timeout', fields.timeout, 0)
    const end = timeout === undefined ? undefined : performance.now() + timeout
    const closed = calls.close(timeout)
    // The driver has what is left of the time, and enough for a connection to be ended in any case.
    closing ??= closed.then(() => connection.close(end && Math.max(end - performance.now(), SHORTEST_CLOSE)))
    return closing
  }

  const caller = { timeseries: config.name, type: config.type }

  /** A method of the timeseries, which a part has; its options are the last of its `length` arguments. */
  function method<Name extends string>(part: Part<Readonly<Record<Name, Method>>>, name: Name, length: 1 | 2 | 3) {
    const call = (first: unknown, second: unknown, third: unknown): Promise<unknown> => {
      const options = length === 3 ? third : length === 2 ? second : first
      return run(part, options, (module, ready) => module[name](ready, first, second, third))
    }
    // Not a list of arguments, which costs more than tracing.
    return (first?: unknown, second?: unknown, third?: unknown): Promise<unknown> =>
      callChannel?.hasSubscribers
        ? traceCall(callChannel, caller, name, [first, second, third], length, ([a, b, c]) => call(a, b, c))
        : call(first, second, third)
  }

  /** The same for an iteration, whose windows a part reads. */
  function iteration<Name extends string>(
    part: Part<Readonly<Record<Name, Start>>>,
    name: Name,
    operation: string,
    length: number,
  ) {
    const begin = (given: readonly unknown[]): Promise<Entries<unknown>> =>
      readAhead<Readonly<Record<Name, Start>>, unknown>(
        (work) => run(part, given[length - 1], work),
        (module, ready) => module[name](ready, ...given),
      )
    return async (given: readonly unknown[]): Promise<Entries<unknown>> => {
      if (!callChannel?.hasSubscribers) return begin(given)
      return {
        all: traceIteration(callChannel, caller, operation, given, length, (own) => entriesOf(() => begin(own))),
      }
    }
  }

  return {
    open: method(connecting, 'open', 1),
    insert: method(writing, 'insert', 3),
    bulkInsert: method(writing, 'bulkInsert', 2),
    loadBuffer: (settings, adopt) =>
      run(buffering, undefined, ({ loadBuffer }, ready) => loadBuffer(ready, settings, adopt)),
    get: method(reading, 'get', 3),
    series: method(reading, 'series', 3),
    iterate: iteration(reading, 'readWindows', 'iterate', 3),
    query: method(querying, 'query', 2),
    top: method(ranking, 'top', 2),
    cells: iteration(copying, 'readCells', 'cells', 1),
    write: method(correcting, 'write', 2),
    rebuild: method(rebuilding, 'rebuild', 2),
    list: method(naming, 'list', 1),
    names: iteration(naming, 'readNames', 'names', 1),
    properties: method(managing, 'properties', 2),
    delete: method(managing, 'delete', 2),
    deleteAll: method(managing, 'deleteAll', 1),
    expire: method(managing, 'expire', 2),
    drop: method(dropping, 'drop', 1),
    close: (...given) =>
      callChannel?.hasSubscribers
        ? traceCall(callChannel, caller, 'close', given, 1, ([options]) => close(options))
        : close(given[0]),
  }
}

type Method = (context: Context, first: unknown, second: unknown, third: unknown) => Promise<unknown>
type Start = (context: Context, ...given: unknown[]) => Promise<Windows<unknown>>
