import { parseArgs } from 'node:util'
import { KairosError } from '@kairos/core'
import { describe, withoutSecrets } from '@kairos/core/driver'
import { explain, type Mistake } from '../checks/errors.ts'
import type { ServingMode } from '../http/kronos-handler.ts'
import type { KronosRoute } from '../http/routing.ts'
import type { Retention } from '../types.ts'

export const USAGE = `usage: kairos-events serve --store URL [options]

Serves event streams by the protocol of Kronos. Options marked * may be repeated.

* --store [NAME=]URL     a store, named after the scheme of its URL by default
* --namespace NAME       a namespace; the first is the default one. Default: kronos
* --route [NAMESPACE/]PREFIX=STORE[,STORE...]
                         write streams with this prefix to these stores, and read them from the
                         first. Default: all streams in the first store
* --max-age PREFIX=SECONDS
* --max-events PREFIX=COUNT
                         what to keep of streams with this prefix, which may be empty.
                         Default: everything
  --port N, --host NAME  where to listen. Default: 8150 on 127.0.0.1
  --mode MODE            all, readonly or collector. Default: all
* --cors ORIGIN          an origin whose pages may call, or '*' for every origin, without cookies.
                         Default: none
* --allow-host NAME      a further name of the server, beside --host, addresses and names without a
                         dot, or '*' for every name
  --token-file FILE      require a token, as Authorization: Bearer TOKEN; one token per line.
                         Default: those in KAIROS_EVENTS_TOKEN, or none
  --max-body BYTES       longer requests get 413. Default: 16000000
  --max-buffered BYTES   held for all requests together. Default: 64000000
  --max-requests N       at a time. Default: 200
  --max-connections N    at a time. Default: 1000
  --id NAME              the id of this node, which the index shows
  --quiet                no access log
`

/** The parsed arguments of `kairos-events serve`. */
export interface ServeSettings {
  /** URLs by name, in the order of the arguments. */
  readonly stores: ReadonlyMap<string, string>
  readonly namespaces: readonly string[]
  /** By namespace and prefix. */
  readonly routes: Readonly<Record<string, Readonly<Record<string, KronosRoute>>>>
  readonly retention: Readonly<Record<string, Retention>>
  readonly port: number
  readonly host: string
  readonly mode: ServingMode
  readonly cors: true | readonly string[]
  /** true: every name. */
  readonly hosts: true | readonly string[]
  readonly tokenFile: string | undefined
  readonly maxBodyBytes: number | undefined
  readonly maxBufferedBytes: number | undefined
  readonly maxRequests: number | undefined
  readonly maxConnections: number | undefined
  readonly id: string | undefined
  readonly quiet: boolean
}

const MULTIPLE = { type: 'string', multiple: true, default: [] as string[] } as const
const ONE = { type: 'string' } as const
const LIMITS = ['max-body', 'max-buffered', 'max-requests', 'max-connections'] as const

/**
 * Parses the arguments after the command's name. null: show the help.
 * @throws KAIROS_INVALID_CONFIG
 */
export function parseArguments(args: readonly string[]): ServeSettings | null {
  const { values, positionals } = parse(args)
  if (values.help || (positionals.length === 0 && args.length === 0)) return null
  if (positionals.join(' ') !== 'serve') {
    throw invalid({ path: 'the command', expected: 'serve', found: quote(positionals.join(' ')) })
  }
  const stores = parseStores(values.store)
  const namespaces = values.namespace.length === 0 ? ['kronos'] : values.namespace
  const limit = (name: (typeof LIMITS)[number]): number | undefined => {
    const { [name]: text } = values
    return text === undefined ? undefined : parseWholeNumber(text, `--${name}`)
  }
  return {
    stores,
    namespaces,
    routes: routesOf(values.route, namespaces, [...stores.keys()]),
    retention: parseRetention(values['max-age'], values['max-events']),
    port: parseWholeNumber(values.port ?? '8150', '--port'),
    host: values.host ?? '127.0.0.1',
    mode: (values.mode ?? 'all') as ServingMode,
    cors: values.cors.includes('*') ? true : values.cors,
    hosts: values['allow-host'].includes('*') ? true : values['allow-host'],
    tokenFile: values['token-file'],
    maxBodyBytes: limit('max-body'),
    maxBufferedBytes: limit('max-buffered'),
    maxRequests: limit('max-requests'),
    maxConnections: limit('max-connections'),
    id: values.id,
    quiet: values.quiet ?? false,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        store: MULTIPLE,
        namespace: MULTIPLE,
        route: MULTIPLE,
        'max-age': MULTIPLE,
        'max-events': MULTIPLE,
        port: ONE,
        host: ONE,
        mode: ONE,
        cors: MULTIPLE,
        'allow-host': MULTIPLE,
        'token-file': ONE,
        'max-body': ONE,
        'max-buffered': ONE,
        'max-requests': ONE,
        'max-connections': ONE,
        id: ONE,
        quiet: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new KairosError('KAIROS_INVALID_CONFIG', withoutSecrets((error as Error).message))
  }
}

function parseStores(given: readonly string[]): ReadonlyMap<string, string> {
  if (given.length === 0) {
    throw invalid({
      path: '--store',
      expected: 'the URL of a store, such as sqlite:events.db, redis://localhost or memory:',
    })
  }
  const stores = new Map<string, string>()
  for (const text of given) {
    const [, name = text.split(':', 1)[0]!, url = text] = /^([\w-]+)=(.+)$/.exec(text) ?? []
    if (stores.has(name)) {
      const remedy = `name one of them, as in --store other=${withoutSecrets(url)}`
      throw invalid({ path: '--store', expected: 'a store with a name of its own', found: `another ${name}`, remedy })
    }
    stores.set(name, url)
  }
  return stores
}

function routesOf(
  given: readonly string[],
  namespaces: readonly string[],
  stores: readonly string[],
): Readonly<Record<string, Readonly<Record<string, KronosRoute>>>> {
  const routes = new Map(
    namespaces.map((namespace) => [namespace, new Map<string, KronosRoute>([['', { stores: stores.slice(0, 1) }]])]),
  )
  for (const text of given) {
    const [place, names] = splitAtEquals(text, '--route')
    const slash = place.lastIndexOf('/')
    const namespace = slash < 0 ? undefined : place.slice(0, slash)
    if (namespace !== undefined && !routes.has(namespace)) {
      const remedy = `add --namespace ${withoutSecrets(namespace)}`
      throw invalid({ path: '--route', expected: 'in a configured namespace', found: quote(namespace), remedy })
    }
    for (const [name, prefixes] of routes) {
      if (namespace === undefined || namespace === name)
        prefixes.set(place.slice(slash + 1), { stores: names.split(',') })
    }
  }
  return Object.fromEntries([...routes].map(([namespace, prefixes]) => [namespace, Object.fromEntries(prefixes)]))
}

function parseRetention(ages: readonly string[], counts: readonly string[]): Readonly<Record<string, Retention>> {
  const rules = new Map<string, Retention>()
  const add = (text: string, option: string, rule: (value: number) => Retention): void => {
    const [prefix, value] = splitAtEquals(text, option)
    rules.set(prefix, { ...rules.get(prefix), ...rule(parseWholeNumber(value, option)) })
  }
  for (const text of ages) add(text, '--max-age', (age) => ({ age }))
  for (const text of counts) add(text, '--max-events', (events) => ({ events }))
  return Object.fromEntries(rules)
}

function splitAtEquals(text: string, option: string): [before: string, after: string] {
  const at = text.indexOf('=')
  if (at < 0) throw invalid({ path: option, expected: 'PREFIX=…', found: quote(text) })
  return [text.slice(0, at), text.slice(at + 1)]
}

function parseWholeNumber(text: string, option: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw invalid({ path: option, expected: 'a whole number', found: quote(text) })
}

function invalid(mistake: Mistake): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', explain(mistake), { path: mistake.path })
}

/** An argument as a message may show it: it may contain the URL of a store. */
function quote(text: string): string {
  return describe(withoutSecrets(text))
}
