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
import { parseConfig } from './config.ts'
import type { DriverOptionTypes, StorageDriver, TimeseriesType } from './contract/cells.ts'
import { checkedStore } from './drivers/checked-store.ts'
import { CONFIG } from './internal/config-key.ts'
import { kept } from './internal/kept.ts'
import type { CallName, IterationName, LoadedTimeseries } from './loaded-timeseries.ts'
import { entriesOf } from './pipeline/entries.ts'

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

/** What answers at once: all else is loaded by the first call, and is what the methods pass their arguments on to. */
function build(store: unknown, given: unknown): object {
  const config = parseConfig(given)
  const driver = checkedStore(store, config)
  let loaded: LoadedTimeseries | undefined
  let loading: Promise<LoadedTimeseries> | undefined
  /** Calls that came before it was loaded, and have not begun. */
  let waiting = 0

  /** All that come here wait for one promise, and so begin in the order in which they came. */
  async function later<T>(call: (timeseries: LoadedTimeseries) => Promise<T>): Promise<T> {
    waiting++
    try {
      loading ??= load()
      const timeseries = await loading
      return call(timeseries)
    } finally {
      waiting--
    }
  }

  const load = (): Promise<LoadedTimeseries> =>
    import('./loaded-timeseries.ts').then(
      ({ loadTimeseries }) => {
        loaded = loadTimeseries(store, config)
        return loaded
      },
      (error: unknown) => {
        loading = undefined
        throw error
      },
    )

  /** `isNamed`: the first argument is a name. */
  function method(name: CallName, isNamed = false) {
    let own: LoadedTimeseries[CallName] | undefined
    return (first?: unknown, second?: unknown, third?: unknown): Promise<unknown> => {
      // The call may have to wait, and its caller may use the object for another name meanwhile.
      const given = isNamed ? kept(first) : first
      own ??= loaded?.[name]
      return own !== undefined && waiting === 0
        ? own(given, second, third)
        : later((timeseries) => timeseries[name](given, second, third))
    }
  }

  function iteration(name: IterationName) {
    return (first?: unknown, ...others: readonly unknown[]): AsyncGenerator<unknown, void, undefined> => {
      const given = [kept(first), ...others]
      return entriesOf(() => later((timeseries) => timeseries[name](given)))
    }
  }

  const open = method('open')
  const timeseries = {
    async open(options?: unknown) {
      await open(options)
      return timeseries
    },
    insert: method('insert', true),
    bulkInsert: method('bulkInsert'),
    buffer: (options: unknown = {}) =>
      createBuffer(options, driver, (...given) => later((timeseries) => timeseries.loadBuffer(...given)), config.now),
    get: method('get', true),
    series: method('series', true),
    iterate: iteration('iterate'),
    query: method('query', true),
    top: method('top'),
    cells: iteration('cells'),
    write: method('write'),
    rebuild: method('rebuild'),
    list: method('list'),
    names: iteration('names'),
    properties: method('properties', true),
    delete: method('delete', true),
    deleteAll: method('deleteAll'),
    expire: method('expire', true),
    drop: method('drop'),
    close: method('close'),
    [CONFIG]: () => config,
    [Symbol.asyncDispose]: () => timeseries.close(),
  }
  return timeseries
}
