import { describe, expect, it } from 'vitest'
import type { StorageDriver } from '../../src/driver.ts'
import { memoryDriver } from '../../src/index.ts'
import { type AnyTimeseries, createAny } from '../support/any-timeseries.ts'
import { collect } from '../support/collect.ts'
import { failureOf } from '../support/failure.ts'
import { mergingDriver } from '../support/merging-driver.ts'
import { watchedDriver } from '../support/watched-driver.ts'

const intervals = { minute: { step: 60 }, hour: { step: '1h', resolution: 60 } }
const config = { type: 'count', intervals, now: () => 3_700 }
const ROUTES = ['/a', '/b', '/c;d=%']
const STATUSES = [200, 404, 500]
const name = 'requests'

/** A point of each name: nine with both labels, one with more of them, and others that only look alike. */
const NAMES = [
  ...ROUTES.flatMap((route) => STATUSES.map((status) => ({ name, route, status }))),
  { name, route: '/a', status: 200, host: 'constructor' },
  name,
  'requests2;route=/a',
  'requests;route',
  { name: 'requests;', route: '/a' },
]
async function written(driver: StorageDriver, own: object = {}): Promise<AnyTimeseries> {
  const timeseries = createAny(driver, { ...config, ...own })
  const points = NAMES.flatMap((each, index) =>
    [0, 60, 3_600].map((timestamp) => ({ name: each, value: 2 ** index, timestamp: timestamp + index })),
  )
  await timeseries.bulkInsert(points)
  return timeseries
}

async function namesOf(timeseries: AnyTimeseries, names: unknown): Promise<unknown[]> {
  return [...(await timeseries.get(names, 'minute', { split: true })).keys()]
}

describe('a matcher finds', () => {
  it.each([
    [
      'all with its name',
      {},
      [name, ...at('/a'), `${name};host=constructor;route=/a;status=200`, ...at('/b'), ...at('/c%3Bd%3D%25')],
    ],
    ['a value', { route: '/b' }, at('/b')],
    ['a number', { status: 404, route: '/a' }, ['requests;route=/a;status=404']],
    ['one of a list', { status: [404, '500'], route: ['/b', '/x'] }, at('/b').slice(1)],
    ['none of an empty list', { status: [] }, []],
    ['a pattern', { status: /^[45]/, route: /^.c;d=%$/ }, at('/c%3Bd%3D%25').slice(1)],
    ['a pattern with a state', { status: /0/g, route: /b$/gy }, []],
    ['what a function says', { status: (text: string | undefined) => text === undefined }, [name]],
    ['a label that objects inherit', { constructor: /./ }, []],
    ['what has such a value', { host: 'constructor' }, [`${name};host=constructor;route=/a;status=200`]],
  ])('%s', async (_, labels, expected) => {
    const timeseries = await written(memoryDriver())
    const found = await namesOf(timeseries, { name, labels })
    expect(found).toEqual([...expected].sort())
    expect(await namesOf(timeseries, { name, labels })).toEqual(found)
    expect(await namesOf(timeseries, ['other', { name, labels }, name])).toEqual([
      ...new Set(['other', ...found, name]),
    ])
  })

  it('names with special characters', async () => {
    const timeseries = await written(memoryDriver())
    expect(await namesOf(timeseries, { name: 'requests;', labels: { route: '/a' } })).toEqual(['requests%3B;route=/a'])
  })

  it('what every read gives for the same names', async () => {
    const timeseries = await written(memoryDriver())
    const matcher = { name, labels: { route: '/b' } }
    const names = at('/b')
    const range = { start: 0, end: 3_700 }
    for (const [given, same] of [
      [matcher, names],
      [[matcher], names],
      [new Set([matcher, 'other']), [...names, 'other']],
    ]) {
      expect(await timeseries.get(given, 'hour')).toEqual(await timeseries.get(same, 'hour'))
      expect(await timeseries.series(given, 'minute', range)).toEqual(await timeseries.series(same, 'minute', range))
      expect(await timeseries.query(given, range)).toEqual(await timeseries.query(same, range))
      expect(await collect(timeseries.iterate(given, 'hour'))).toEqual(await collect(timeseries.iterate(same, 'hour')))
      expect(await timeseries.top('minute', { names: given })).toEqual(await timeseries.top('minute', { names: same }))
    }
  })

  it('no name without failing', async () => {
    const timeseries = await written(memoryDriver())
    const nothing = { name: 'nothing', labels: {} }
    const range = { start: 0, end: 60, fill: 'previous' }
    for (const given of [nothing, { name, labels: { status: 7 } }]) {
      expect(await timeseries.get(given, 'minute')).toEqual(new Map([[3_660, 0]]))
      expect(await timeseries.get(given, 'hour')).toEqual(new Map())
      expect(await timeseries.series(given, 'minute', range)).toEqual(
        new Map([
          [0, null],
          [60, null],
        ]),
      )
      expect(await timeseries.series(given, 'minute', { start: 0, end: 0, every: '1h' })).toEqual(new Map([[0, 0]]))
      for (const several of [{ split: true }, { groupBy: ['route'] }]) {
        expect(await timeseries.series(given, 'minute', { ...range, ...several })).toEqual(new Map())
        expect(await timeseries.get(given, 'minute', several)).toEqual(new Map())
        expect((await timeseries.query(given, { start: 0, ...several })).points).toEqual(new Map())
      }
      expect(await collect(timeseries.iterate(given, 'hour'))).toEqual([])
      expect(await timeseries.top('minute', { names: given })).toEqual([])
    }
  })

  it('at most maxNames', async () => {
    const timeseries = await written(memoryDriver())
    const matcher = { name, labels: { status: /./ } }
    expect(await namesOf(timeseries, matcher)).toHaveLength(10)
    expect((await timeseries.get(matcher, 'minute', { split: true, maxNames: 10 })).size).toBe(10)
    for (const call of [
      () => timeseries.get(matcher, 'minute', { maxNames: 9 }),
      () => timeseries.top('minute', { names: matcher, maxNames: 9 }),
      () => collect(timeseries.iterate([matcher], 'hour', { maxNames: 9 })),
    ]) {
      expect(await failureOf(call, 'KAIROS_INVALID_CONFIG')).toMatchObject({
        path: 'maxNames',
        message:
          'maxNames must be at least as many as the names that "requests" finds, which are more than 9; match fewer, or raise it',
      })
    }
  })

  it('in two calls of the store, and reads in one', async () => {
    const { driver, reads } = watchedDriver()
    const timeseries = await written(driver)
    await timeseries.series({ name, labels: {} }, 'minute', { start: 0, end: 3_700, groupBy: ['route'] })
    expect(reads.map(({ names }) => names.length)).toEqual([11])
  })

  it.each([
    [
      { name, labels: {} },
      'KAIROS_INVALID_VALUE',
      'a name must be a text or an object whose labels have values, not a matcher',
    ],
  ])('nothing for a write: %j', async (matcher, code, message) => {
    const timeseries = await written(memoryDriver())
    for (const call of [
      () => timeseries.delete(matcher),
      () => timeseries.insert(matcher),
      () => timeseries.properties(matcher),
    ])
      expect((await failureOf(call, code as never)).message).toContain(message)
  })

  it.each([
    [{ name: '', labels: {} }, {}, 'KAIROS_INVALID_CONFIG', 'name of a matcher must be a non-empty string, not ""'],
    [
      { name, labels: [] },
      {},
      'KAIROS_INVALID_CONFIG',
      'a matcher must be { name, labels: { label: … } }, not a list of 0',
    ],
    [
      { name, labels: {}, route: 1 },
      {},
      'KAIROS_INVALID_CONFIG',
      'a matcher must be { name, labels: { label: … } }, not with "route"',
    ],
    [{ name, labels: { rout: 1 } }, {}, 'KAIROS_INVALID_VALUE', 'did you mean "route"?'],
    [
      { name, labels: { route: undefined } },
      {},
      'KAIROS_INVALID_VALUE',
      'the label "route" must be a non-empty string',
    ],
    [{ name, labels: { route: [null] } }, {}, 'KAIROS_INVALID_VALUE', 'the label "route" must be a non-empty string'],
    [[], { groupBy: ['route'] }, 'KAIROS_INVALID_VALUE', 'names must hold at least one name, not none'],
    [name, { groupBy: 'route' }, 'KAIROS_INVALID_CONFIG', 'groupBy must be a list of at least one label, not "route"'],
    [name, { groupBy: [] }, 'KAIROS_INVALID_CONFIG', 'groupBy must be a list of at least one label, not a list of 0'],
    [name, { groupBy: ['name'] }, 'KAIROS_INVALID_CONFIG', 'groupBy must be a list of at least one label'],
    [name, { groupBy: ['rout'] }, 'KAIROS_INVALID_VALUE', 'did you mean "route"?'],
    [name, { groupBy: ['route'], split: true }, 'KAIROS_INVALID_CONFIG', 'groupBy must be left out with split'],
    [
      { name, labels: {} },
      { maxNames: 0 },
      'KAIROS_INVALID_CONFIG',
      'maxNames must be an integer of at least 1, not 0',
    ],
  ])('%j with %j is refused', async (names, options, code, message) => {
    const timeseries = createAny(memoryDriver(), { ...config, labels: ['route', 'status'] })
    const error = await failureOf(() => timeseries.get(names, 'minute', options), code as never)
    expect(error.message).toContain(message)
  })
})

describe.each(['count', 'series', 'histogram', 'gauge', 'set'])('groupBy, of a %s', (type) => {
  it.each([
    ['core', memoryDriver],
    ['the store', () => mergingDriver(memoryDriver())],
  ])('gives each group what its names have together, where %s merges', async (_, driverOf) => {
    const timeseries = await written(driverOf(), { type })
    const all = { name, labels: {} }
    const groups: Record<string, unknown> = {
      '': [name],
      '/a': [{ name, route: '/a', status: 200, host: 'constructor' }, ...at('/a')],
      '/b': at('/b'),
      '/c;d=%': at('/c%3Bd%3D%25'),
    }
    const stages = [
      {},
      { condense: true },
      { joinRows: (rows: readonly unknown[]) => rows.length },
      ...(type === 'count'
        ? [{ transform: 'rate' }]
        : type === 'gauge'
          ? []
          : [{ transform: 'count' }, { transform: 'max' }]),
    ]
    for (const [interval, options] of ['minute', 'hour'].flatMap((each) =>
      stages.map((stage) => [each, stage] as const),
    )) {
      const what = `${interval} ${JSON.stringify(options)}`
      const grouped = { ...options, groupBy: ['route'] }
      const got = await timeseries.get(all, interval, { ...grouped, timestamp: 0 })
      expect([...got.keys()], what).toEqual(Object.keys(groups))
      const series = await timeseries.series(all, interval, { ...grouped, start: 0, end: 3_700 })
      for (const [route, names] of Object.entries(groups)) {
        expect(got.get(route as never), what).toEqual(
          await timeseries.get(names, interval, { ...options, timestamp: 0 }),
        )
        const alone = await timeseries.series(names, interval, { ...options, start: 0, end: 3_700 })
        expect(series.get(route as never), what).toEqual(alone)
      }
    }
    for (const options of [
      { collapse: true },
      { every: '30min' },
      { fill: 'previous' },
      { fill: 'previous', every: '2min' },
    ]) {
      const range = { start: 120, end: 3_700, ...options }
      const series = await timeseries.series(all, 'minute', { ...range, groupBy: ['route'] })
      for (const [route, names] of Object.entries(groups))
        expect(series.get(route as never)).toEqual(await timeseries.series(names, 'minute', range))
    }
  })
})

describe('groupBy', () => {
  it('of several labels joins their values as they stand in a name', async () => {
    const timeseries = await written(memoryDriver())
    const points = await timeseries.get({ name, labels: { status: [200, 404] } }, 'minute', {
      groupBy: ['status', 'route'],
      timestamp: 0,
    })
    expect([...points.keys()]).toEqual(['200;/a', '200;/b', '200;/c%3Bd%3D%25', '404;/a', '404;/b', '404;/c%3Bd%3D%25'])
  })

  it('groups names that are given too, in query as well', async () => {
    const timeseries = await written(memoryDriver())
    const names = ['requests2;route=/a', 'requests;route', { name, route: '/a', status: 404 }]
    const { points } = await timeseries.query(names, { start: 0, end: 3_700, maxPoints: 2, groupBy: ['route'] })
    const [none, some] = ['requests;route', ['requests2;route=/a', 'requests;route=/a;status=404']]
    expect(points).toEqual(
      new Map<unknown, unknown>([
        ['', (await timeseries.query(none, { start: 0, end: 3_700, maxPoints: 2 })).points],
        ['/a', (await timeseries.query(some, { start: 0, end: 3_700, maxPoints: 2 })).points],
      ]),
    )
  })
})

/** The names of a route, by code points. */
function at(route: string): string[] {
  return STATUSES.map((status) => `requests;route=${route};status=${status}`)
}
