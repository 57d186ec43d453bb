import { describe, expect, it } from 'vitest'
import { failedStore } from '../src/driver.ts'
import { bucketing, KairosError, memoryDriver, type StorageDriver } from '../src/index.ts'
import { type AnyTimeseries, createAny } from './support/any-timeseries.ts'
import { collect } from './support/collect.ts'
import { failureOf } from './support/failure.ts'

const cyclic: unknown[] = []
cyclic.push(cyclic)

/** Values at which `String`, `JSON.stringify` or a template throws, or which they print like another value. */
const ODD: readonly (readonly [what: string, value: unknown])[] = [
  ['a bigint', 1n],
  ['a symbol', Symbol('odd')],
  ['a list that holds itself', cyclic],
  ['an object without a prototype', Object.create(null)],
  ['an object that cannot be a text', { [Symbol.toPrimitive]: unusable }],
  ['an object in a list', [[Object.create(null)]]],
]

function unusable(): never {
  throw new Error('nobody should ask')
}

const intervals = { minute: { step: 60 } }

function series(): AnyTimeseries {
  return createAny(memoryDriver(), { type: 'series', intervals, now: () => 0 })
}

const READS: readonly (readonly [call: string, read: (value: unknown) => Promise<unknown>])[] = [
  ['the name of a read', (value) => series().get(value, 'minute')],
  ['the interval', (value) => series().get('a', value)],
  ['options', (value) => series().get('a', 'minute', value)],
  ...['timestamp', 'condense', 'joinRows', 'processRow', 'fetch', 'transform', 'signal'].map(
    (key) => [`get: ${key}`, (value: unknown) => series().get('a', 'minute', { [key]: value })] as const,
  ),
  ...['start', 'end', 'steps', 'collapse'].map(
    (key) => [`series: ${key}`, (value: unknown) => series().series('a', 'minute', { [key]: value })] as const,
  ),
  ['a transform in a list', (value) => series().get('a', 'minute', { transform: [value] })],
  ['a transform under a key', (value) => series().get('a', 'minute', { transform: { x: value } })],
  ['the options of an iteration', (value) => collect(series().iterate('a', 'minute', { transform: [value] }))],
]

const WRITES: readonly (readonly [call: string, write: (value: unknown) => Promise<unknown>])[] = [
  ['the name', (value) => series().insert(value, 1)],
  ['the name of a value that does not fit', (value) => series().bulkInsert([{ name: value, value: Number.NaN }])],
  ['the value', (value) => series().insert('a', { value })],
  ['the value in a list', (value) => series().insert('a', [{ value }])],
  ['a point', (value) => series().bulkInsert([value])],
  ['a point of an iterator', (value) => series().bulkInsert([value].values())],
  ['the names of a Map', (value) => series().bulkInsert(new Map([[null, value]]))],
  ['the moments of a Map', (value) => series().bulkInsert(new Map([[value, { a: [1] }]]))],
  ...['timestamp', 'intervals', 'delivery', 'signal'].map(
    (key) => [`insert: ${key}`, (value: unknown) => series().insert('a', 1, { [key]: value })] as const,
  ),
]

const REST: readonly (readonly [call: string, rest: (value: unknown) => unknown])[] = [
  ['properties', (value) => series().properties(value)],
  ['delete', (value) => series().delete(value)],
  ['deleteAll', (value) => series().deleteAll(value)],
  ['expire', (value) => series().expire(value)],
  ['list', (value) => series().list(value)],
  ['the store', (value) => createAny(value, { type: 'count', intervals })],
  ['the contract of a driver', (value) => createAny({ ...memoryDriver(), spec: value }, { type: 'count', intervals })],
  ['the configuration', (value) => createAny(memoryDriver(), value)],
  ...['type', 'valueType', 'intervals', 'readFunc', 'writeFunc', 'now'].map(
    (key) =>
      [`config: ${key}`, (value: unknown) => createAny('memory:', { type: 'set', intervals, [key]: value })] as const,
  ),
  ...['step', 'steps', 'resolution'].map(
    (key) =>
      [
        `interval: ${key}`,
        (value: unknown) => createAny('memory:', { type: 'count', intervals: { day: { step: 60, [key]: value } } }),
      ] as const,
  ),
  ['what the clock says', (value) => createAny('memory:', { type: 'count', intervals, now: () => value }).insert('a')],
  ['bucketing: step', (value) => bucketing(value as never)],
  ['bucketing: timestamp', (value) => bucketing(60).toBucket(value as never)],
  ['bucketing: steps', (value) => bucketing(60).toBucket(0, value as never)],
  ['bucketing: bucket', (value) => bucketing(60).fromBucket(value as never)],
]

describe.each([...READS, ...WRITES, ...REST])('%s', (_call, work) => {
  it.each(ODD)('%s: refused by a KairosError', async (_what, value) => {
    const error = await Promise.resolve()
      .then(() => work(value))
      .then(
        () => undefined,
        (reason: unknown) => reason,
      )
    // A few of them are valid in some places: an object without a prototype is an object.
    if (error === undefined) return
    expect(error).toSatisfy(KairosError.is)
    expect((error as KairosError).message).not.toContain('[object')
  })
})

it('an unknown transform is named as it was given', async () => {
  const error = await failureOf(() => series().get('a', 'minute', { transform: 1n }), 'KAIROS_UNKNOWN_TRANSFORM')
  expect(error).toMatchObject({ transform: '1n', message: expect.stringContaining(' 1n;') })
  const text = await failureOf(() => series().get('a', 'minute', { transform: ['mode'] }), 'KAIROS_UNKNOWN_TRANSFORM')
  expect(text).toMatchObject({ transform: 'mode', message: expect.stringContaining('"mode"') })
})

it('a hole in a list of transforms is refused, before anything is read', async () => {
  // biome-ignore lint/suspicious/noSparseArray: that is what is tested
  await failureOf(() => series().get('a', 'minute', { transform: [, 'min'] }), 'KAIROS_UNKNOWN_TRANSFORM')
})

it.each<[string, unknown, string]>([
  ['an object without a prototype', Object.create(null), 'an object'],
  ['a bigint', 5n, '5n'],
  [
    'an error whose message is not text',
    Object.assign(new Error('odd'), { message: Object.create(null) }),
    'an object',
  ],
  ['an error of another realm', { name: 'Error', message: 'no room' }, 'no room'],
  ['a driver that says why', failedStore('no room', 'never'), 'no room'],
])('a store that rejects with %s has failed, and the error says so', async (_what, reason, said) => {
  const driver: StorageDriver = { ...memoryDriver(), open: () => Promise.reject(reason) }
  const error = await failureOf(() => createAny(driver, { type: 'count', intervals }).list(), 'KAIROS_STORE_FAILED')
  expect(error.message).toContain(said)
  expect(error.cause).toBe(reason)
})
