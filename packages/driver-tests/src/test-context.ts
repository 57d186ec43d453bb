import {
  type Capabilities,
  type CellStore,
  ORIGINAL_TYPES,
  type StorageDriver,
  type StoreSchema,
  type TimeseriesType,
} from '@kairos/core/driver'
import { type AnyConfig, type AnyTimeseries, createAnyTimeseries } from './internal/any-timeseries.ts'
import { openPatiently } from './internal/patient.ts'
import { claim } from './internal/same.ts'
import { schemaOf } from './internal/schema.ts'
import { withoutMerges } from './internal/without-merges.ts'
import type { DriverTestOptions } from './options.ts'

/** The time on a test's clock when it begins: 2023-11-14T22:13:20Z, a Tuesday. */
export const NOW = 1_700_000_000

/** For a busy machine, in milliseconds: a test says when a store fails, not when it is slow. */
export const PATIENCE = 60_000

/** Which of the two drivers made for one place. */
export type Instance = 0 | 1

export interface OpenedCells {
  readonly store: CellStore
  readonly schema: StoreSchema
}

export interface Clock {
  now: number
}

export interface OpenedTimeseries {
  readonly timeseries: AnyTimeseries
  readonly clock: Clock
}

/**
 * What the tests share. Opens each place, store and timeseries once and keeps it, since a table or a connection may cost a second;
 * tests avoid each other by their own names or intervals.
 */
export class TestContext {
  readonly options: DriverTestOptions
  readonly #drivers = new Map<string, Promise<StorageDriver>>()
  readonly #stores = new Map<string, Promise<OpenedCells>>()
  readonly #timeseries = new Map<string, Promise<OpenedTimeseries>>()
  readonly #clocks = new Map<string, Clock>()
  readonly #loose: { close(): Promise<void> }[] = []
  readonly #used = new Set<CellStore>()
  readonly #names: string[] = []
  #made = 0

  constructor(options: DriverTestOptions) {
    this.options = options
  }

  /** A name that no other test uses; after the test its cells are deleted. */
  name(suffix = ''): string {
    const name = `t${++this.#made}${suffix}`
    this.#names.push(name)
    return name
  }

  /**
   * Deletes what a test has left under its own names: if a store goes through all of them, later tests would get slower and slower.
   * What cannot be deleted stays: the tests of `delete` report it better.
   */
  async tidy(): Promise<void> {
    const [names, stores] = [this.#names.splice(0), [...this.#used]]
    this.#used.clear()
    if (names.length > 0) await Promise.allSettled(stores.map((store) => store.delete(names)))
  }

  /** A driver at this place; if stores are not shared, both instances are the same. */
  driver(place: string, instance: Instance = 0): Promise<StorageDriver> {
    const own = this.options.shared === false ? 0 : instance
    return remember(this.#drivers, `${place} ${own}`, async () => this.options.create({ place }))
  }

  /** The driver's description of itself; a factory does no I/O. */
  async capabilities(): Promise<Capabilities> {
    return (await this.driver('events')).capabilities
  }

  /** The types that the driver keeps. */
  async types(): Promise<readonly TimeseriesType[]> {
    const { types = ORIGINAL_TYPES } = await this.capabilities()
    return types
  }

  /** A driver that the test may close. */
  async ownDriver(place: string): Promise<StorageDriver> {
    const driver = await this.options.create({ place })
    this.#loose.push(driver)
    return driver
  }

  /** The store of a configuration, as core would open it; empty when this run first opens it. */
  async cells(config: AnyConfig, instance: Instance = 0): Promise<OpenedCells> {
    const opened = await remember(this.#stores, `${JSON.stringify(config)} ${instance}`, async () => {
      const driver = await this.driver(placeOf(config), instance)
      const schema = await schemaOf(config)
      const { store, records } = await openPatiently(driver, schema)
      for (const [interval, { record }] of Object.entries(schema.intervals)) {
        claim(
          records.intervals[interval] === record,
          `open: the record of interval ${interval} is ${records.intervals[interval]}, not ${record}`,
        )
      }
      if (instance === 0) await store.delete(null)
      return { store, schema }
    })
    this.#used.add(opened.store)
    return opened
  }

  /** A timeseries of a configuration without functions; both instances share one clock. With `plain`, core merges what the store could. */
  timeseries(config: AnyConfig, instance: Instance = 0, plain = false): Promise<OpenedTimeseries> {
    const key = JSON.stringify(config)
    return remember(this.#timeseries, `${key} ${instance} ${plain}`, async () => {
      const clock = this.#clocks.get(key) ?? { now: NOW }
      this.#clocks.set(key, clock)
      const driver = await this.driver(placeOf(config), instance)
      const timeseries = createAnyTimeseries(plain ? withoutMerges(driver) : driver, {
        now: () => clock.now,
        patience: PATIENCE,
        ...config,
      })
      this.#loose.push(timeseries)
      return { timeseries, clock }
    })
  }

  /** The same, emptied, with its clock at `now`. */
  async emptied(config: AnyConfig, now: number = NOW): Promise<OpenedTimeseries> {
    const opened = await this.timeseries(config)
    opened.clock.now = now
    await opened.timeseries.deleteAll()
    return opened
  }

  /** Closes everything that was opened; what is requested later is opened again. */
  async close(): Promise<void> {
    const drivers = [...this.#drivers.values()]
    for (const closable of this.#loose.splice(0)) await closable.close()
    this.#drivers.clear()
    this.#stores.clear()
    this.#timeseries.clear()
    this.#used.clear()
    for (const driver of drivers) await (await driver.catch(() => null))?.close()
  }
}

/** A place holds one type and valueType: some stores keep one table at a place. */
export function placeOf({ type, valueType = 'float' }: Pick<AnyConfig, 'type' | 'valueType'>): string {
  return type === 'count' ? type : `${type}_${valueType}`
}

/** What could not be made is tried again at the next request. */
function remember<T>(kept: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = kept.get(key)
  if (known !== undefined) return known
  const made = make()
  kept.set(key, made)
  made.catch(() => kept.delete(key))
  return made
}
