import { KairosError } from '@kairos/core'
import { describe, isRecord } from '@kairos/core/driver'
import { checkNamespace } from '../checks/namespaces.ts'
import { checkOptions, checkRecord, invalidOption } from '../checks/options.ts'
import type { EventLog } from '../store/event-log.ts'
import { eventLogOf } from '../store/store-registry.ts'
import type { AnyEventStore } from '../types.ts'

/** Where the streams of one prefix are. */
export interface KronosRoute {
  /** Names of the stores that are written and deleted in, all of them. */
  readonly stores: readonly string[]
  /** The one of them that is read; default: the first. */
  readonly read?: string
}

/** Which stores hold which streams. */
export interface KronosRouting {
  /** Stores by the names that answers call them. */
  readonly stores: Readonly<Record<string, AnyEventStore>>
  /**
   * By namespace, then by prefix: the route of the longest prefix that a stream's name begins with holds (plainly: `both` is also for `bothx`).
   * `''` must be there. Each store of a route was made with this namespace.
   */
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, KronosRoute>>>>
  /** Of requests that name none; default: the first. */
  readonly defaultNamespace?: string
}

export interface NamedLog {
  readonly name: string
  readonly log: EventLog
}

/** A route, looked up. */
export interface Route {
  readonly write: readonly NamedLog[]
  readonly read: NamedLog
}

/** A routing that was found to make sense. */
export class Router {
  readonly logs: readonly NamedLog[]
  readonly defaultNamespace: string
  /** By namespace; the longest prefix first. */
  readonly #namespaces: ReadonlyMap<string, readonly (readonly [prefix: string, route: Route])[]>

  /** @throws KAIROS_INVALID_CONFIG */
  constructor(routing: KronosRouting | AnyEventStore) {
    const { stores, namespaces, defaultNamespace } = isStore(routing) ? routingOf(routing) : checked(routing)
    const logs = new Map(Object.entries(stores).map(([name, store]) => [name, { name, log: eventLogOf(store) }]))
    this.logs = [...logs.values()]
    this.#namespaces = new Map(
      Object.entries(namespaces).map(([namespace, prefixes]) => [namespace, routesOf(namespace, prefixes, logs)]),
    )
    const first = [...this.#namespaces.keys()][0]
    if (first === undefined) throw invalid('namespaces', 'the routing has no namespace')
    this.defaultNamespace = defaultNamespace === undefined ? first : defaultNamespace
    if (!this.#namespaces.has(this.defaultNamespace)) {
      const named = describe(this.defaultNamespace)
      throw invalid('defaultNamespace', `the default namespace ${named} is not among the namespaces`)
    }
  }

  /** @throws KAIROS_UNKNOWN_NAMESPACE */
  namespaceOf(namespace: unknown): string {
    return checkNamespace(namespace ?? this.defaultNamespace, [...this.#namespaces.keys()])
  }

  route(namespace: string, stream: string): Route {
    return this.#namespaces.get(namespace)!.find(([prefix]) => stream.startsWith(prefix))![1]
  }

  /** The stores that some stream of a namespace is read from. */
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

/** All of a store's namespaces, in it alone. */
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
  const path = `namespaces[${JSON.stringify(namespace)}]`
  checkRecord(prefixes, path)
  if (!Object.hasOwn(prefixes, '')) throw invalid(path, `namespace ${namespace} has no route for the prefix ''`)
  return Object.entries(prefixes)
    .map(([prefix, route]) => [prefix, routeOf(route, namespace, logs, `${path}[${JSON.stringify(prefix)}]`)] as const)
    .sort(([a], [b]) => b.length - a.length)
}

function routeOf(route: KronosRoute, namespace: string, logs: ReadonlyMap<string, NamedLog>, path: string): Route {
  checkOptions(route, ['stores', 'read'], path)
  if (!Array.isArray(route.stores)) throw invalidOption(`${path}.stores`, route.stores, 'a list of names of stores')
  const write = route.stores.map((name: string) => {
    const found = logs.get(name)
    if (found === undefined) throw invalid(path, `${path} names the store ${describe(name)}, which is not configured`)
    if (!found.log.namespaces.includes(namespace)) {
      throw invalid(path, `the store ${name} was made without the namespace ${namespace}`)
    }
    return found
  })
  const read = route.read === undefined ? write[0] : write.find(({ name }) => name === route.read)
  if (read === undefined)
    throw invalid(path, `${path} reads from ${describe(route.read)}, which is not among its stores`)
  return { write, read }
}

function invalid(path: string, message: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', message, { path })
}
