import { createTimeseries, KairosError, memoryDriver } from '@kairos/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { createEventClient, createEventStore, kronosHandler, tally } from '../src/index.ts'
import { collect } from './support/stores.ts'

const store = createEventStore(memoryDriver())
const route = { stores: ['a'] }
const routing = { stores: { a: store }, namespaces: { kronos: { '': route } } }
const client = createEventClient('http://127.0.0.1:1', { patience: 0 })
const counts = createTimeseries('memory:', { type: 'count', intervals: { minute: { step: 60 } } })

/** Candidates for every option, of which few are valid for any: null, a string, a number, an object, a function. */
const ODD: readonly unknown[] = [null, 'odd', 5, Number.POSITIVE_INFINITY, {}, new Map(), Object.create(null), () => 5]
type Fits = (value: unknown) => boolean
const isText: Fits = (value) => typeof value === 'string'
const isNumber: Fits = (value) => value === 5
const isFunction: Fits = (value) => typeof value === 'function'
const isObject: Fits = (value) => typeof value === 'object' && value !== null && !(value instanceof Map)
const isNothing: Fits = () => false

const CASES: readonly (readonly [option: string, fits: Fits, call: (value: never) => unknown])[] = [
  ['createEventStore', isObject, (value) => createEventStore('memory:', value)],
  ['createEventStore: namespaces', isNothing, (namespaces) => createEventStore('memory:', { namespaces })],
  ['createEventStore: retention', isObject, (retention) => createEventStore('memory:', { retention })],
  ['createEventStore: a rule', isObject, (rule) => createEventStore('memory:', { retention: { '': rule } })],
  ['createEventStore: age', isNumber, (age) => createEventStore('memory:', { retention: { '': { age } } })],
  ['createEventStore: events', isNumber, (events) => createEventStore('memory:', { retention: { '': { events } } })],
  ['createEventStore: now', isFunction, (now) => createEventStore('memory:', { now })],
  [
    'createEventStore: clientConfig',
    (value) => typeof value === 'object' && value !== null,
    (clientConfig) => createEventStore('memory:', { clientConfig }),
  ],
  ['put', isObject, (value) => store.put('s', [], value)],
  ['put: namespace', isNothing, (namespace) => store.put('s', [], { namespace })],
  ['put: signal', isNothing, (signal) => store.put('s', {}, { signal })],
  ['get', isObject, (value) => collect(store.get('s', value))],
  ['get: limit', isNumber, (limit) => collect(store.get('s', { limit }))],
  ['get: order', isNothing, (order) => collect(store.get('s', { order }))],
  ['get: start', isNumber, (start) => collect(store.get('s', { start }))],
  ['get: after', (value) => value === null, (after) => collect(store.get('s', { after }))],
  ['page: limit', isNumber, (limit) => store.page('s', { limit })],
  ['page: maxBytes', isNumber, (maxBytes) => store.page('s', { maxBytes })],
  ['page: cursor', isNothing, (cursor) => store.page('s', { cursor })],
  ['streams: prefix', isText, (prefix) => store.streams({ prefix })],
  ['inferSchema: sample', isNumber, (sample) => store.inferSchema('s', { sample })],
  ['evict: signal', isNothing, (signal) => store.evict({ signal })],
  ['kronosHandler', isObject, (value) => kronosHandler(store, value)],
  ['kronosHandler: the routing', isNothing, (value) => kronosHandler(value)],
  ['kronosHandler: stores', isNothing, (stores) => kronosHandler({ ...routing, stores })],
  ['kronosHandler: a store', isNothing, (a) => kronosHandler({ ...routing, stores: { a } })],
  ['kronosHandler: namespaces', isNothing, (namespaces) => kronosHandler({ ...routing, namespaces })],
  ['kronosHandler: prefixes', isNothing, (kronos) => kronosHandler({ ...routing, namespaces: { kronos } })],
  [
    'kronosHandler: a route',
    isNothing,
    (value) => kronosHandler({ ...routing, namespaces: { kronos: { '': value } } }),
  ],
  [
    "kronosHandler: a route's stores",
    isNothing,
    (stores) => kronosHandler({ ...routing, namespaces: { kronos: { '': { stores } } } }),
  ],
  [
    "kronosHandler: a route's reader",
    isNothing,
    (read) => kronosHandler({ ...routing, namespaces: { kronos: { '': { ...route, read } } } }),
  ],
  ['kronosHandler: defaultNamespace', isNothing, (value) => kronosHandler({ ...routing, defaultNamespace: value })],
  ['kronosHandler: mode', isNothing, (mode) => kronosHandler(store, { mode })],
  ['kronosHandler: cors', isNothing, (cors) => kronosHandler(store, { cors })],
  ['kronosHandler: an origin', isText, (origin) => kronosHandler(store, { cors: [origin] })],
  ['kronosHandler: maxBodyBytes', isNumber, (maxBodyBytes) => kronosHandler(store, { maxBodyBytes })],
  ['kronosHandler: basePath', isNothing, (basePath) => kronosHandler(store, { basePath })],
  ['kronosHandler: id', isText, (id) => kronosHandler(store, { id })],
  ['kronosHandler: now', isFunction, (now) => kronosHandler(store, { now })],
  ['kronosHandler: onAccess', isFunction, (onAccess) => kronosHandler(store, { onAccess })],
  ['createEventClient', isObject, (value) => createEventClient('http://x', value)],
  ['createEventClient: namespace', isText, (namespace) => createEventClient('http://x', { namespace })],
  ['createEventClient: background', isObject, (background) => createEventClient('http://x', { background })],
  [
    'createEventClient: background.overflow',
    isNothing,
    (overflow) => createEventClient('http://x', { background: { overflow } }),
  ],
  [
    'createEventClient: background.interval',
    isNumber,
    (interval) => createEventClient('http://x', { background: { interval } }),
  ],
  ['createEventClient: onError', isFunction, (onError) => createEventClient('http://x', { onError })],
  ['createEventClient: patience', isNumber, (patience) => createEventClient('http://x', { patience })],
  ['createEventClient: timeout', isNumber, (timeout) => createEventClient('http://x', { timeout })],
  ['createEventClient: headers', isObject, (headers) => createEventClient('http://x', { headers })],
  [
    'createEventClient: library',
    (value) => value === null || isObject(value),
    (library) => createEventClient('http://x', { library }),
  ],
  ['createEventClient: now', isFunction, (now) => createEventClient('http://x', { now })],
  ['createEventClient: fetch', isFunction, (fetch) => createEventClient('http://x', { fetch })],
  ['client.put: signal', isNothing, (signal) => client.put('s', {}, { signal })],
  ['client.get: limit', isNumber, (limit) => collect(client.get('s', { limit }))],
  ['client.streams: prefix', isText, (prefix) => client.streams({ prefix })],
  ['tally: batch', isNumber, (batch) => tally(store.get('s'), counts, () => null, { batch })],
  ['tally: delivery', isNothing, (delivery) => tally(store.get('t'), counts, () => null, { delivery })],
  ['tally: onProgress', isFunction, (onProgress) => tally(store.get('s'), counts, () => null, { onProgress })],
]

beforeAll(() => store.put('t', {}))

describe.each(CASES)('%s', (_option, fits, call) => {
  it('refuses invalid values, including null, with a KairosError', async () => {
    for (const value of ODD) {
      if (fits(value)) continue
      const error = await (async () => call(value as never))().then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expect(error, String(value && typeof value)).toSatisfy(KairosError.is)
      expect((error as KairosError).code).toMatch(/KAIROS_(INVALID_CONFIG|INVALID_VALUE|UNKNOWN_NAMESPACE)/)
    }
  })
})

it.each([
  ['basePath', 'kronos'],
  ['basePath', '/'],
  ['basePath', '/kronos/'],
  ['cors[0]', '*'],
  ['cors[0]', 'https://*.example'],
  ['cors[0]', 'dashboard.example'],
  ['cors[0]', 'https://dashboard.example/'],
  ['cors[0]', 'HTTPS://dashboard.example'],
  ['cors[0]', 'https://dashboard.example:443'],
  ['hosts[0]', '*.example'],
  ['hosts[0]', 'https://events.example'],
  ['hosts[0]', '::1'],
])('refuses %s: %j, which would never match a request', (path, value) => {
  const options = path === 'basePath' ? { basePath: value } : { [path.slice(0, -3)]: [value] }
  expect(() => kronosHandler(store, options)).toThrow(expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG', path }))
})

it('refuses the origin null, which every page has in a sandboxed frame', () => {
  expect(() => kronosHandler(store, { cors: ['null'] })).toThrow(
    expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG', path: 'cors[0]' }),
  )
})

it('refuses to keep no events, which elsewhere means no limit', () => {
  expect(() => createEventStore('memory:', { retention: { 'log.': { events: 0 } } })).toThrow(
    expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG', path: 'retention["log."].events' }),
  )
})

it.each([2 ** 53, 1.9e301, Number.MAX_VALUE, 0, -1, Number.NaN])('refuses the age %d', (age) => {
  expect(() => createEventStore('memory:', { retention: { 'log.': { age } } })).toThrow(
    expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG', path: 'retention["log."].age' }),
  )
})

it('refuses a wait that is too long for a timer, which would end at once', () => {
  for (const options of [{ timeout: 2 ** 31 }, { background: { interval: 2 ** 31 } }]) {
    expect(() => createEventClient('http://x', options)).toThrow('2147483647')
  }
})

it('an age longer than all of time keeps everything', async () => {
  const kept = createEventStore('memory:', { retention: { '': { age: Number.MAX_SAFE_INTEGER } } })
  await kept.put('s', { '@time': '1600-01-01' })
  expect(await kept.streams()).toEqual(['s'])
  expect(await kept.evict()).toEqual([])
})
