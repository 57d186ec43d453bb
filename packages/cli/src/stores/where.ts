import { existsSync } from 'node:fs'
import type { ServerConfig, ServerTimeseriesConfig } from '@kairos/server'
import type { Call } from '../command.ts'
import type { PlaceFlags } from '../flags/store.ts'
import { Misuse, mustBe } from '../misuse.ts'
import { configuration } from './configuration.ts'

/** A timeseries of a configuration. */
export interface Configured {
  readonly name: string
  readonly url: string
  /** That of `createTimeseries`. */
  readonly config: object
  /** For `bench`: what makes names and values, and into how many buckets they go. */
  readonly generator?: ServerTimeseriesConfig['generator'] | undefined
  readonly rolling?: number | undefined
}

/** What a configuration defines for reads. */
export interface Named {
  readonly transforms?: ServerConfig['transforms'] | undefined
  readonly macros?: ServerConfig['macros'] | undefined
}

/** Where a call looks: at a store, to find what is there, or at the timeseries of a configuration. */
export type Where = { readonly named: Named } & (
  | { readonly url: string; readonly configured?: undefined }
  | { readonly configured: readonly Configured[] }
)

/** What `serve` makes without a configuration. */
const DEFAULT_FILE = 'kairos.db'

/**
 * `--store URL` and KAIROS_STORE are looked at without a configuration. With one that is given, `--store URL` is where its timeseries are instead, such as
 * those of a copy. Else it is the configuration's, or without one the file that the server makes by default.
 * @throws Misuse
 */
export async function whereOf({ flags, env }: Pick<Call<PlaceFlags>, 'flags' | 'env'>): Promise<Where> {
  const store = flags.store ?? (flags.config === undefined ? env.KAIROS_STORE || undefined : undefined)
  const isUrl = store?.includes(':') ?? false
  if (store !== undefined && !isUrl && /\.(db|sqlite3?)$/i.test(store))
    throw mustBe('--store', `a URL: sqlite:${store}`, store)
  if (isUrl && flags.config === undefined) return { url: store!, named: {} }
  const config = await configuration(flags.config)
  if (config === undefined) return { url: defaultUrl(store), named: {} }
  const { stores = {}, transforms, macros } = config
  const named = { transforms, macros }
  const isElsewhere = store !== undefined && !Object.hasOwn(stores, store)
  if (isElsewhere && !isUrl)
    throw mustBe('--store', `a store of the configuration (${Object.keys(stores).join(', ')})`, store)
  if (config.timeseries === undefined) return { url: isElsewhere ? store : onlyStore(stores, store), named }
  const all = configuredIn(config)
  if (isElsewhere) return { named, configured: all.map((each) => ({ ...each, url: store })) }
  return { named, configured: store === undefined ? all : all.filter(({ url }) => url === stores[store]) }
}

/** The URLs of the stores that a call means: one, or all of a configuration. @throws Misuse */
export async function storesOf(call: Pick<Call<PlaceFlags>, 'flags' | 'env'>): Promise<string[]> {
  const where = await whereOf(call)
  return where.configured === undefined ? [where.url] : [...new Set(where.configured.map(({ url }) => url))]
}

/** The same of a call whose word may be the URL. @throws Misuse */
export async function namedStoresOf(call: Pick<Call<PlaceFlags>, 'words' | 'flags' | 'env'>): Promise<string[]> {
  const { words, flags } = call
  if (words.length > 0 && flags.store !== undefined) throw new Misuse('one store must be given, not two')
  return storesOf({ ...call, flags: { ...flags, store: words[0] ?? flags.store } })
}

/** The timeseries of a configuration. */
export function configuredIn({ stores = {}, timeseries = {} }: ServerConfig): Configured[] {
  return Object.entries(timeseries).map(([name, served]) => configuredBy(name, served, stores))
}

function configuredBy(
  name: string,
  served: ServerTimeseriesConfig,
  stores: Readonly<Record<string, string>>,
): Configured {
  const { store = Object.keys(stores)[0]!, match, takes, map, rolling, generator, ...own } = served
  return { name, url: stores[store] ?? `sqlite:${DEFAULT_FILE}`, config: { ...own, name }, generator, rolling }
}

function onlyStore(stores: Readonly<Record<string, string>>, store: string | undefined): string {
  const [first, ...others] = Object.keys(stores)
  if (store !== undefined) return stores[store]!
  if (first !== undefined && others.length === 0) return stores[first]!
  if (first === undefined) return defaultUrl(undefined)
  throw new Misuse(`a store of the configuration must be chosen: --store ${[first, ...others].join(', ')}`)
}

function defaultUrl(store: string | undefined): string {
  if (store !== undefined)
    throw mustBe(
      '--store',
      'a URL such as sqlite:metrics.db or redis://localhost where there is no configuration',
      store,
    )
  if (existsSync(DEFAULT_FILE)) return `sqlite:${DEFAULT_FILE}`
  throw new Misuse(
    'a store must be given: --store sqlite:metrics.db, the environment variable KAIROS_STORE, or a configuration',
  )
}
