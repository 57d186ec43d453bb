import { isDeepStrictEqual } from 'node:util'
import { createTimeseries, type Timeseries } from '@kairos/core'
import { checkRecord, within } from '../config/checks.ts'
import { storeUrl } from '../config/store-url.ts'
import type { ServerConfig, ServerTimeseriesConfig } from '../config/types.ts'
import { timeseriesOf } from './timeseries-of.ts'

/** A timeseries that the server serves. */
export interface Served {
  readonly name: string
  /** The name of its store. */
  readonly store: string
  readonly config: ServerTimeseriesConfig
  readonly timeseries: Timeseries
  /** What it was made of. */
  readonly made: { readonly url: string; readonly options: object }
}

/** What the server knows of a timeseries beside its configuration. */
const OWN_KEYS = ['store', 'match', 'takes', 'map', 'rolling', 'generator']

/** The timeseries of a configuration. */
export interface Registry {
  /** By name, in the order of the configuration. */
  readonly served: ReadonlyMap<string, Served>
  open(): Promise<void>
  /** Closes the timeseries, but for those that another registry has, too. */
  close(timeout: number, other?: Registry): Promise<void>
}

/** @throws KAIROS_INVALID_CONFIG */
export function createRegistry(config: ServerConfig, previous?: Registry): Registry {
  const timeseries = timeseriesOf(config)
  checkRecord(config.stores ?? {}, 'stores')
  checkRecord(timeseries, 'timeseries')
  const served = new Map(
    Object.entries(timeseries).map(
      ([name, served]) => [name, servedBy(name, served, config, previous?.served.get(name))] as const,
    ),
  )
  const all = [...served.values()]
  return {
    served,
    async open() {
      await Promise.all(all.map(({ timeseries }) => timeseries.open()))
    },
    async close(timeout, other) {
      const ended = all.filter(({ name, timeseries }) => other?.served.get(name)?.timeseries !== timeseries)
      await Promise.all(ended.map(({ timeseries }) => timeseries.close({ timeout })))
    },
  }
}

function servedBy(
  name: string,
  config: ServerTimeseriesConfig,
  whole: ServerConfig,
  previous: Served | undefined,
): Served {
  const path = `timeseries.${name}`
  checkRecord(config, path)
  const { store, url } = storeUrl(whole, config.store, `${path}.store`)
  const options = Object.fromEntries(Object.entries(config).filter(([key]) => !OWN_KEYS.includes(key)))
  const made = { url, options }
  if (previous !== undefined && isDeepStrictEqual(made, previous.made)) {
    return { name, store, config, timeseries: previous.timeseries, made }
  }
  try {
    return { name, store, config, timeseries: createTimeseries(url, { ...options, name } as never), made }
  } catch (error) {
    throw within(path, error)
  }
}
