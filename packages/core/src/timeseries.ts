import type {
  Accepted,
  CountRule,
  IntervalsConfig,
  KnownOptions,
  Stored,
  TimeseriesConfig,
  ValueTypeOf,
} from './api/config.ts'
import type { CoarseNames, FineNames, Shape, TransformsOf } from './api/shape.ts'
import type { Timeseries } from './api/timeseries.ts'
import { Calls } from './calls/call-gate.ts'
import { waitFor } from './calls/retry.ts'
import { parseConfig } from './config.ts'
import type { CellStore, DriverOptionTypes, StorageDriver, TimeseriesType } from './contract/cells.ts'
import { connectionOf } from './drivers/connection.ts'
import { openStore } from './opening.ts'
import { createNormaliser } from './pipeline/check-values.ts'
import type { Context } from './pipeline/context.ts'
import { deleteNames, expire, list, open, properties } from './pipeline/manage.ts'
import { get, series } from './pipeline/read/get-and-series.ts'
import { iterate } from './pipeline/read/iterate.ts'
import { bulkInsert } from './pipeline/write/bulk-insert.ts'
import { insert } from './pipeline/write/insert.ts'
import { createRetention } from './retention.ts'

/**
 * A timeseries on a driver, or on the store that a URL names. Checks the configuration at once and connects on first use, or with `open()`.
 * @throws KAIROS_INVALID_CONFIG, KAIROS_SPEC_MISMATCH
 * @example
 * const hits = createTimeseries('sqlite:hits.db', { type: 'count', intervals: { minute: { step: 60, steps: 1440 } } })
 * await hits.insert('home')
 */
export function createTimeseries<
  const Intervals extends IntervalsConfig,
  Type extends TimeseriesType,
  VT extends ValueTypeOf<Type> = 'float',
  Value = Stored<Type, VT>,
  Input = Accepted<Type, VT>,
  Options extends DriverOptionTypes = {},
>(
  store: StorageDriver<Options> | string,
  config: TimeseriesConfig<Type, VT, Intervals, Value, Input> & CountRule<Type> & KnownOptions<Intervals>,
): Timeseries<
  Shape<Type, Value, Input, CoarseNames<Intervals>, FineNames<Intervals>, TransformsOf<Type, Value, VT>, Options>
> {
  // The types that follow from the configuration are the compiler's alone: at run time one object serves them all.
  return build(store, config) as never
}

function build(store: unknown, config: unknown): object {
  const settings = parseConfig(config)
  const retention = createRetention(settings)
  const connection = connectionOf(store, settings.clientConfig)
  const calls = new Calls('the timeseries is closed; make a new one with createTimeseries')
  let context: Context | undefined

  async function contextOf(): Promise<Context> {
    const driver = await connection.driver()
    context ??= createContext(driver)
    return context
  }

  function createContext(driver: StorageDriver): Context {
    let opened: CellStore | undefined
    let opening: Promise<CellStore> | undefined
    return {
      settings,
      retention,
      driver,
      normalise: createNormaliser(settings, driver),
      get opened() {
        return opened
      },
      open(signal) {
        // One opening for all who wait: the signal of one must not end it for the others.
        opening ??= openStore(driver, settings, retention, calls.ended).then(
          (ready) => {
            opened = ready
            return ready
          },
          (error: unknown) => {
            opening = undefined
            throw error
          },
        )
        return waitFor(opening, signal)
      },
    }
  }

  async function run<T>(work: (context: Context) => Promise<T>): Promise<T> {
    calls.enter(connection.id)
    try {
      return await work(context ?? (await contextOf()))
    } finally {
      calls.leave()
    }
  }

  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= calls.close().then(() => connection.close())
    return closing
  }

  const timeseries = {
    async open(options?: unknown) {
      await run((ready) => open(ready, options))
      return timeseries
    },
    insert: (name: unknown, value?: unknown, options?: unknown) => run((ready) => insert(ready, name, value, options)),
    bulkInsert: (points: unknown, options?: unknown) => run((ready) => bulkInsert(ready, points, options)),
    get: (names: unknown, interval: unknown, options?: unknown) => run((ready) => get(ready, names, interval, options)),
    series: (names: unknown, interval: unknown, options?: unknown) =>
      run((ready) => series(ready, names, interval, options)),
    iterate: (names: unknown, interval: unknown, options?: unknown) => iterate(run, names, interval, options),
    list: (options?: unknown) => run((ready) => list(ready, options)),
    properties: (name: unknown, options?: unknown) => run((ready) => properties(ready, name, options)),
    delete: (name: unknown, options?: unknown) => run((ready) => deleteNames(ready, [name], options)),
    deleteAll: (options?: unknown) => run((ready) => deleteNames(ready, null, options)),
    expire: (name?: unknown, options?: unknown) =>
      run((ready) => expire(ready, name === undefined ? null : [name], options)),
    close,
    [Symbol.asyncDispose]: close,
  }
  return timeseries
}
