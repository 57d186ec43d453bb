import { describe, expect, it } from 'vitest'
import { KairosError, memoryDriver } from '../../src/index.ts'
import { type AnyTimeseries, createAny } from '../support/any-timeseries.ts'

const intervals = { minute: { step: 60, steps: 5 } }

function counts(): AnyTimeseries {
  return createAny(memoryDriver(), { type: 'count', intervals, now: () => 0 })
}

const READ = ['condense', 'joinRows', 'processRow', 'fetch', 'transform', 'signal']
const WRITE = ['intervals', 'delivery', 'signal']

/** Each call with one of its options, or none of its optional parameters. */
const CALLS: readonly (readonly [option: string, call: (value: unknown) => unknown])[] = [
  ...['timestamp', ...READ].map(
    (key) => [`get: ${key}`, (value: unknown) => counts().get('a', 'minute', { [key]: value })] as const,
  ),
  ...['start', 'end', 'steps', 'collapse', ...READ].map(
    (key) => [`series: ${key}`, (value: unknown) => counts().series('a', 'minute', { [key]: value })] as const,
  ),
  ...WRITE.map((key) => [`insert: ${key}`, (value: unknown) => counts().insert('a', 1, { [key]: value })] as const),
  ...WRITE.map(
    (key) =>
      [`bulkInsert: ${key}`, (value: unknown) => counts().bulkInsert([{ name: 'a' }], { [key]: value })] as const,
  ),
  ['the value of an insert', (value) => counts().insert('a', value)],
  ['the value of a point', (value) => counts().bulkInsert([{ name: 'a', value }])],
  ['the options of a read', (value) => counts().get('a', 'minute', value)],
  ['the options of a write', (value) => counts().insert('a', 1, value)],
  ['the options of the rest', (value) => counts().list(value)],
  ['the name of an expire', (value) => counts().expire(value)],
  ...['valueType', 'readFunc', 'writeFunc', 'clientConfig', 'now'].map(
    (key) =>
      [`config: ${key}`, (value: unknown) => createAny('memory:', { type: 'count', intervals, [key]: value })] as const,
  ),
  ...['steps', 'resolution'].map(
    (key) =>
      [
        `interval: ${key}`,
        (value: unknown) => createAny('memory:', { type: 'count', intervals: { day: { step: 60, [key]: value } } }),
      ] as const,
  ),
]

describe.each(CALLS)('%s', (_option, call) => {
  it('undefined is as if it were not there', async () => {
    await call(undefined)
  })

  it('null is not: it is refused, like everything else that is invalid', async () => {
    await expect((async () => call(null))()).rejects.toSatisfy(KairosError.is)
  })
})

it('only a timestamp of what is written may be null: now', async () => {
  const series = counts()
  await series.insert('a', 1, { timestamp: null })
  await series.bulkInsert([{ name: 'a', timestamp: null }])
  await series.bulkInsert(new Map([[null, { a: [1] }]]))
  expect(await series.get('a', 'minute')).toEqual(new Map([[0, 3]]))
})
