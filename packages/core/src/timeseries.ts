import type { Accepted, CountRule, IntervalsWith, Stored, TimeseriesConfig, ValueTypeOf } from './api/config.ts'
import type { CoarseNames, FineNames, Shape, TransformsOf } from './api/shape.ts'
import type { Timeseries } from './api/timeseries.ts'
import { CallGate } from './calls/call-gate.ts'
import { checkedMilliseconds } from './calls/patience.ts'
import { callStore } from './calls/retry.ts'
import { parseConfig } from './config.ts'
import type { DriverOptionTypes, StorageDriver, TimeseriesType } from './contract/cells.ts'
import { checkFits } from './drivers/check-fits.ts'
import { connectionOf } from './drivers/connection.ts'
import { KairosError } from './errors.ts'
import { isRecord } from './internal/kinds.ts'
import { callPlanOf, optionsOf } from './pipeline/call-options.ts'
import type { Context } from './pipeline/context.ts'
import { absentDriver, createAbsentContext, createContext } from './pipeline/create-context.ts'
import { deleteNames, expire, list, open, properties } from './pipeline/manage.ts'
import { get, series } from './pipeline/read/get-and-series.ts'
import { iterate } from './pipeline/read/iterate.ts'
import { bulkInsert } from './pipeline/write/bulk-insert.ts'
import { insert } from './pipeline/write/insert.ts'
import { createRetention } from './retention.ts'

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
  VT extends ValueTypeOf<Type> = 'float',
  Value = Stored<Type, VT>,
  Input = Accepted<Type, VT>,
  Options extends DriverOptionTypes = {},
>(
  store: StorageDriver<Options> | string,
  config: TimeseriesConfig<Type, VT, IntervalsWith<Resolutions>, Value, Input> & CountRule<Type>,
): Timeseries<
  Shape<Type, Value, Input, CoarseNames<Resolutions>, FineNames<Resolutions>, TransformsOf<Type, Value, VT>, Options>
> {
  // The types that follow from the configuration exist only for the compiler: at run time one object serves them all.
  return build(store, config) as never
}

/** In milliseconds. */
const SHORTEST_CLOSE = 1_000

function build(store: unknown, config: unknown): object {
  const settings = parseConfig(config)
  const retention = createRetention(settings)
  const connection = connectionOf(store, settings.clientConfig)
  if (connection.given !== undefined) checkFits(settings, connection.given)
  const calls = new CallGate('the timeseries is closed; make a new one with createTimeseries')
  let context: Context | undefined

  async function connect(): Promise<Context> {
    const driver = await connection.driver(calls.ended)
    checkFits(settings, driver)
    context ??= createContext(settings, retention, driver, calls)
    return context
  }

  /** Waits for the driver, no longer than the call's options allow. */
  function connected(options: unknown): Promise<Context> {
    const fields = isRecord(options) ? options : {}
    const { callOptions, patience = settings.patience } = callPlanOf(fields, [])
    const step = { driver: connection.id, operation: 'open', signal: callOptions.signal, patience, calls }
    return callStore(connect, { ...step, single: true })
  }

  async function run<T>(options: unknown, work: (context: Context) => Promise<T>): Promise<T> {
    calls.enter(connection.id)
    try {
      return await work(context ?? (await connected(options)))
    } finally {
      calls.leave()
    }
  }

  /** A write reports what was not applied even if there is no driver. */
  async function write<T>(options: unknown, work: (context: Context) => Promise<T>): Promise<T> {
    calls.enter(connection.id)
    try {
      return await work(context ?? (await connected(options).catch(absentContext)))
    } finally {
      calls.leave()
    }

    function absentContext(error: unknown): Context {
      if (!KairosError.is(error) || error.code === 'KAIROS_INVALID_CONFIG') throw error
      return createAbsentContext(settings, retention, absentDriver(connection.id, options), calls, error)
    }
  }

  let closing: Promise<void> | undefined
  const close = async (options?: unknown): Promise<void> => {
    const fields = optionsOf(options, ['timeout'], [])
    const timeout = checkedMilliseconds('timeout', fields.timeout, 0)
    const asked = performance.now()
    const closed = calls.close(timeout)
    // The driver has what is left of the time, and enough for a connection to be ended in any case.
    const left = (): number | undefined =>
      timeout === undefined ? undefined : Math.max(timeout - (performance.now() - asked), SHORTEST_CLOSE)
    closing ??= closed.then(() => connection.close(left()))
    return closing
  }

  const timeseries = {
    async open(options?: unknown) {
      await run(options, (ready) => open(ready, options))
      return timeseries
    },
    insert: (name: unknown, value?: unknown, options?: unknown) =>
      write(options, (ready) => insert(ready, name, value, options)),
    bulkInsert: (points: unknown, options?: unknown) => write(options, (ready) => bulkInsert(ready, points, options)),
    get: (names: unknown, interval: unknown, options?: unknown) =>
      run(options, (ready) => get(ready, names, interval, options)),
    series: (names: unknown, interval: unknown, options?: unknown) =>
      run(options, (ready) => series(ready, names, interval, options)),
    iterate: (names: unknown, interval: unknown, options?: unknown) =>
      iterate((work) => run(options, work), names, interval, options),
    list: (options?: unknown) => run(options, (ready) => list(ready, options)),
    properties: (name: unknown, options?: unknown) => run(options, (ready) => properties(ready, name, options)),
    delete: (name: unknown, options?: unknown) => run(options, (ready) => deleteNames(ready, [name], options)),
    deleteAll: (options?: unknown) => run(options, (ready) => deleteNames(ready, null, options)),
    expire: (name?: unknown, options?: unknown) =>
      run(options, (ready) => expire(ready, name === undefined ? null : [name], options)),
    close,
    [Symbol.asyncDispose]: () => close(),
  }
  return timeseries
}
