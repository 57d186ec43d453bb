import { describe, isRecord } from '@kairos/core/driver'
import { invalidOption } from '../checks/errors.ts'
import { checkNamespace } from '../checks/namespaces.ts'
import { checkOptions, checkRecord } from '../checks/options.ts'
import type { EventLog } from '../store/event-log.ts'
import { eventLogOf } from '../store/store-registry.ts'
import type { AnyEventStore } from '../types.ts'

/** The stores of the streams with one prefix. */
export interface KronosRoute {
  /** The names of the stores to write to and delete from. */
  readonly stores: readonly string[]
  /** The name of the store to read from, which must be one of them; default: the first. */
  readonly read?: string
}

/**
 * Which stores hold which streams.
 * @example
 * const routing = { stores: { recent, archive }, namespaces: { kronos: { '': { stores: ['recent', 'archive'] } } } }
 */
export interface KronosRouting {
  /** The stores, by the names that responses use. */
  readonly stores: Readonly<Record<string, AnyEventStore>>
  /**
   * By namespace, then by prefix. The longest prefix of a stream's name applies, by characters alone: `both` also matches `bothx`. `''` is
   * required. Each store of a route must be configured with the namespace.
   */
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, KronosRoute>>>>
  /** The namespace of requests that do not name one; default: the first. */
  readonly defaultNamespace?: string
}

/** The log of a store, with its name in the routing. */
export interface NamedLog {
  readonly name: string
  readonly log: EventLog
}

/** A resolved route. */
export interface Route {
  readonly write: readonly NamedLog[]
  readonly read: NamedLog
}

/** Finds the stores of a stream by a valid routing. */
export class Router {
  readonly logs: readonly NamedLog[]
  readonly defaultNamespace: string
  /** By namespace; longest prefix first. */
  readonly #namespaces: ReadonlyMap<string, readonly (readonly [prefix: string, route: Route])[]>

  /** @throws KAIROS_INVALID_CONFIG */
  constructor(routing: KronosRouting | AnyEventStore) {
    const { stores, namespaces, defaultNamespace } = isStore(routing) ? routingOf(routing) : checked(routing)
    const logs = new Map(
      Object.entries(stores).map(([name, store]) => [name, { name, log: eventLogOf(store, pathOf('stores', name)) }]),
    )
    this.logs = [...logs.values()]
    this.#namespaces = new Map(
      Object.entries(namespaces).map(([namespace, prefixes]) => [namespace, routesOf(namespace, prefixes, logs)]),
    )
    const known = [...this.#namespaces.keys()]
    const [first] = known
    if (first === undefined) {
      throw invalidOption({ path: 'namespaces', expected: 'an object with at least one namespace', value: namespaces })
    }
    this.defaultNamespace = defaultNamespace === undefined ? first : defaultNamespace
    if (!known.includes(this.defaultNamespace)) {
      const expected = `one of the namespaces ${known.join(', ')}`
      throw invalidOption({ path: 'defaultNamespace', expected, value: defaultNamespace })
    }
  }

  /** @throws KAIROS_UNKNOWN_NAMESPACE */
  namespaceOf(namespace: unknown): string {
    return checkNamespace(namespace ?? this.defaultNamespace, [...this.#namespaces.keys()])
  }

  route(namespace: string, stream: string): Route {
    return this.#namespaces.get(namespace)!.find(([prefix]) => stream.startsWith(prefix))![1]
  }

  /** The stores that any stream of a namespace is read from. */
  readers(namespace: string): readonly NamedLog[] {
    return [...new Set(this.#namespaces.get(namespace)!.map(([, { read }]) => read))]
  }
}

function isStore(routing: KronosRouting | AnyEventStore): routing is AnyEventStore {
  return isRecord(routing) && 'put' in routing
}

function checked(routing: KronosRouting): KronosRouting {
  checkOptions(routing, ['stores', 'namespaces', 'defaultNamespace'], 'the routing')
  checkRecord(routing.stores, 'stores')
  checkRecord(routing.namespaces, 'namespaces')
  return routing
}

/** The routing of a single store: all its namespaces. */
function routingOf(store: AnyEventStore): KronosRouting {
  return {
    stores: { [store.id]: store },
    namespaces: Object.fromEntries(
      store.namespaces.map((namespace) => [namespace, { '': { stores: [store.id] } }] as const),
    ),
    defaultNamespace: store.namespaces[0]!,
  }
}

function routesOf(
  namespace: string,
  prefixes: Readonly<Record<string, KronosRoute>>,
  logs: ReadonlyMap<string, NamedLog>,
): (readonly [string, Route])[] {
  const path = pathOf('namespaces', namespace)
  checkRecord(prefixes, path)
  if (!Object.hasOwn(prefixes, '')) {
    throw invalidOption({ path, expected: "an object with a route for the prefix ''", value: prefixes })
  }
  return Object.entries(prefixes)
    .map(([prefix, route]) => [prefix, routeOf(route, namespace, logs, pathOf(path, prefix))] as const)
    .sort(([a], [b]) => b.length - a.length)
}

function routeOf(route: KronosRoute, namespace: string, logs: ReadonlyMap<string, NamedLog>, path: string): Route {
  checkOptions(route, ['stores', 'read'], path)
  if (!Array.isArray(route.stores)) {
    throw invalidOption({ path: `${path}.stores`, expected: 'a list of the names of stores', value: route.stores })
  }
  const write = route.stores.map((name: string, index) => {
    const found = logs.get(name)
    if (found?.log.namespaces.includes(namespace)) return found
    throw invalidOption({
      path: `${path}.stores[${index}]`,
      expected:
        found === undefined ? 'the name of a configured store' : `a store with the namespace ${describe(namespace)}`,
      value: name,
    })
  })
  const read = route.read === undefined ? write[0] : write.find(({ name }) => name === route.read)
  if (read !== undefined) return { write, read }
  throw route.read === undefined
    ? invalidOption({ path: `${path}.stores`, expected: 'a list of at least one store', value: route.stores })
    : invalidOption({ path: `${path}.read`, expected: "one of the route's stores", value: route.read })
}

function pathOf(path: string, key: string): string {
  return `${path}[${JSON.stringify(key)}]`
}
