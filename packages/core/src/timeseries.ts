import type {
  Accepted,
  CountRule,
  IntervalsWith,
  Stored,
  TimeseriesConfig,
  UsualValueType,
  ValueTypeOf,
} from './api/config.ts'
import type { CoarseNames, FineNames, Shape, TransformsOf } from './api/shape.ts'
import type { Timeseries } from './api/timeseries.ts'
import { createBuffer } from './buffer.ts'
import { ArrivalQueue } from './calls/arrival-queue.ts'
import { CallGate } from './calls/call-gate.ts'
import { checkedMilliseconds } from './calls/patience.ts'
import { parseConfig } from './config.ts'
import type { DriverOptionTypes, StorageDriver, TimeseriesType } from './contract/cells.ts'
import { callChannel } from './diagnostics/channels.ts'
import { NAMED, traceCall } from './diagnostics/trace-call.ts'
import { checkFits } from './drivers/check-fits.ts'
import { connectionOf } from './drivers/connection.ts'
import { CONFIG } from './internal/config-key.ts'
import { kept } from './internal/kept.ts'
import type { Part } from './part.ts'
import {
  buffering,
  connecting,
  copying,
  correcting,
  dropping,
  managing,
  naming,
  observing,
  querying,
  ranking,
  reading,
  rebuilding,
  writing,
} from './parts.ts'
import { optionsOf } from './pipeline/call-options.ts'
import type { Connector } from './pipeline/connect.ts'
import type { Context } from './pipeline/context.ts'
import { iterate, type Windows } from './pipeline/iterate.ts'

/**
 * Creates a timeseries on a driver, or on the store that a URL names. The configuration is checked at once; the store is connected on first use,
 * or by `open()`. An unknown scheme or a missing package is therefore reported by the first call.
 * @throws KAIROS_INVALID_CONFIG, KAIROS_SPEC_MISMATCH, KAIROS_UNSUPPORTED
 * @example
 * const hits = createTimeseries('sqlite:hits.db', { type: 'count', intervals: { minute: { step: 60, steps: 1440 } } })
 * await hits.insert('home')
 */
export function createTimeseries<
  const Resolutions extends Readonly<Record<string, unknown>>,
  Type extends TimeseriesType,
  VT extends ValueTypeOf<Type> = UsualValueType<Type>,
  Value = Stored<Type, VT>,
  Input = Accepted<Type, VT>,
  Options extends DriverOptionTypes = {},
  Label extends string = string,
>(
  store: StorageDriver<Options> | string,
  config: TimeseriesConfig<Type, VT, IntervalsWith<Resolutions>, Value, Input, Label> & CountRule<Type>,
): Timeseries<
  Shape<
    Type,
    Value,
    Input,
    CoarseNames<Resolutions>,
    FineNames<Resolutions>,
    TransformsOf<Type, Value, VT>,
    Options,
    Label
  >
> {
  // The types that follow from the configuration exist only for the compiler: at run time one object serves them all.
  return build(store, config) as never
}

/** In milliseconds. */
const SHORTEST_CLOSE = 1_000

function build(store: unknown, given: unknown): object {
  const config = parseConfig(given)
  const connection = connectionOf(store, config.clientConfig)
  if (connection.given !== undefined) checkFits(config, connection.given)
  const calls = new CallGate('the timeseries is closed; make a new one with createTimeseries')
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

  /** A method of the timeseries, which a part has; its options are the last of this many arguments. */
  function method<Name extends string>(part: Part<Readonly<Record<Name, Method>>>, name: Name, length: 1 | 2 | 3) {
    const isNamed = NAMED.includes(name)
    const call = (first: unknown, second: unknown, third: unknown): Promise<unknown> => {
      const options = length === 3 ? third : length === 2 ? second : first
      // The call may have to wait, and its caller may use the object for another name meanwhile.
      const given = isNamed ? kept(first) : first
      return run(part, options, (module, ready) => module[name](ready, given, second, third))
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
    const iterated = (given: readonly unknown[]): AsyncGenerator<unknown, void, undefined> =>
      iterate<Readonly<Record<Name, Start>>, unknown>(
        (work) => run(part, given[length - 1], work),
        (module, ready) => module[name](ready, ...given),
      )
    async function* observed(given: readonly unknown[]): AsyncGenerator<unknown, void, undefined> {
      const { traceIteration } = await observing.load()
      yield* traceIteration(callChannel!, caller, operation, given, length, iterated)
    }
    return (first?: unknown, ...others: readonly unknown[]): AsyncGenerator<unknown, void, undefined> => {
      const given = [kept(first), ...others]
      return callChannel?.hasSubscribers ? observed(given) : iterated(given)
    }
  }

  const clock = config.now ?? (() => Date.now() / 1_000)
  const open = method(connecting, 'open', 1)
  const timeseries = {
    async open(options?: unknown) {
      await open(options)
      return timeseries
    },
    insert: method(writing, 'insert', 3),
    bulkInsert: method(writing, 'bulkInsert', 2),
    buffer: (options?: unknown) =>
      createBuffer(
        options,
        clock,
        () => calls.closedError(connection.id),
        (settings, adopt) => run(buffering, undefined, ({ loadBuffer }, ready) => loadBuffer(ready, settings, adopt)),
      ),
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
    close: (...given: readonly unknown[]) =>
      callChannel?.hasSubscribers
        ? traceCall(callChannel, caller, 'close', given, 1, ([options]) => close(options))
        : close(given[0]),
    [CONFIG]: () => config,
    [Symbol.asyncDispose]: () => timeseries.close(),
  }
  return timeseries
}

type Method = (context: Context, first: unknown, second: unknown, third: unknown) => Promise<unknown>
type Start = (context: Context, ...given: unknown[]) => Promise<Windows<unknown>>
