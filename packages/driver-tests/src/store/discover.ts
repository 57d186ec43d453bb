import type { FoundPlace, OriginalType, StorageDriver, StoreSchema } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { createAnyTimeseries } from '../internal/any-timeseries.ts'
import { kinds } from '../internal/kinds.ts'
import { openPatiently } from '../internal/patient.ts'
import { same } from '../internal/same.ts'
import { schemaOf } from '../internal/schema.ts'
import { TYPES } from '../internal/types.ts'
import { NOW, type OpenedCells, placeOf, type TestContext } from '../test-context.ts'
import { ALWAYS, cell, expectCells, expectNames, write } from './cells.ts'

const INTERVALS = { minute: { step: 60, steps: 90 }, hour: { step: 3600, resolution: 60 } }
/** Whose cells a store with expiry of its own keeps. */
const LASTING = { minute: { step: 60 }, hour: { step: 3600, resolution: 60 } }
const QUERY = { names: ['a'], interval: 'minute', range: { first: 0, last: 9 } }
/** Folded by one store or another: by case, by what an identifier can hold, by length. */
const NAMES = [
  'views',
  'Views',
  'VIEWS',
  'views.v2',
  'views-v2',
  'views_v2',
  `v${'x'.repeat(99)}`,
  `v${'x'.repeat(98)}y`,
]

export const discoverTests: readonly DriverTest[] = [
  ...ofTypes(TYPES, (type) => ({
    title: `name: ${type}: timeseries of one type with different names share nothing`,
    run: async (context) => expectApart(await context.driver(placeOf({ type })), type, NAMES.slice(0, 2)),
  })),
  {
    title: 'name: count: those that a store would fold together share nothing',
    types: ['count'],
    run: async (context) => expectApart(await context.driver(placeOf({ type: 'count' })), 'count', NAMES),
  },
  {
    title: 'name: count: timeseries with different names have records and expiry of their own',
    types: ['count'],
    run: (context) => expectOwnRecords(context),
  },
  {
    title: 'discover: finds names, records and facts, as they were opened last',
    types: ['count', 'series'],
    async skip(context) {
      const driver = await context.driver(placeOf({ type: 'count' }))
      return driver.discover === undefined ? 'the driver has no discover' : null
    },
    async run(context) {
      const driver = await context.driver(placeOf({ type: 'count' }))
      const config = { type: 'count' as const, intervals: INTERVALS }
      const schema = { ...(await schemaOf(config)), name: 'found' }
      // An earlier run on the same server may have left it there.
      await (await openPatiently(driver, schema)).store.drop?.(null)
      const { records } = await openPatiently(driver, schema)
      const expected = { name: 'found', records: plain(records), facts: factsOf(schema) }
      same(placeNamed(await driver.discover!(), 'found'), expected, 'discover')
      const longer = { ...config, intervals: { ...INTERVALS, minute: { step: 60, steps: 900 } } }
      const renewed = { ...(await schemaOf(longer)), name: 'found', facts: '{"program":"another"}' }
      await openPatiently(driver, renewed)
      const facts = { ...factsOf(renewed), schema: schema.facts }
      same(
        placeNamed(await driver.discover!(), 'found'),
        { ...expected, facts },
        'discover after an open with other facts: those of the schema stay, those of intervals are renewed',
      )
    },
  },
]

async function expectApart(driver: StorageDriver, type: OriginalType, names: readonly string[]): Promise<void> {
  const { change } = kinds[type]
  const opened: OpenedCells[] = []
  for (const name of [undefined, ...names]) {
    const schema = { ...(await schemaOf({ type, intervals: LASTING })), ...(name !== undefined && { name }) }
    const { store } = await openPatiently(driver, schema)
    await store.delete(null)
    opened.push({ store, schema })
  }
  const cellAt = (index: number) => cell('a', 'minute', 5, 0, change(index))
  for (const [index, each] of opened.entries()) await write(each, [cellAt(index)])
  for (const [index, each] of opened.entries())
    await expectCells(each, QUERY, [cellAt(index)], `the cells of ${each.schema.name}`)
  for (const [index, each] of opened.entries()) {
    await each.store.delete(null)
    for (const [other, left] of opened.entries())
      await expectNames(
        left.store,
        { minute: ALWAYS },
        other > index ? ['a'] : [],
        `after ${index} of them were emptied`,
      )
  }
}

/** One interval, which one of them keeps for two minutes, and the other in other steps for good. */
async function expectOwnRecords(context: TestContext): Promise<void> {
  const driver = await context.driver(placeOf({ type: 'count' }))
  const clock = { now: NOW }
  const named = (name: string, minute: { step: number; steps?: number }) =>
    createAnyTimeseries(driver, { name, type: 'count', intervals: { 'own minute': minute }, now: () => clock.now })
  const [short, long] = [named('own', { step: 60, steps: 2 }), named('Own', { step: 30 })]
  for (const each of [short, long]) await each.deleteAll()
  for (const each of [short, long]) await each.insert('a', 1)
  await short.insert('a', 2)
  await long.insert('b', 5, { timestamp: NOW - 86_400 })
  same([...(await short.get('a', 'own minute'))], [[NOW - (NOW % 60), 3]], 'the minutes of one')
  same([...(await long.get('a', 'own minute'))], [[NOW - (NOW % 30), 1]], 'the half minutes of the other')
  clock.now += 600
  const sweeps = driver.capabilities.expiry.count === 'sweep'
  same(await long.expire(), 0, 'what expires where everything is kept')
  same(await short.expire(), sweeps ? 1 : 0, 'what expires of the other')
  same([await short.list(), await long.list()], [[], ['a', 'b']], 'the names, after the cells of one have expired')
  await short.deleteAll()
  same(await long.list(), ['a', 'b'], 'the names of one, after everything of the other was deleted')
  for (const each of [short, long]) {
    await each.deleteAll()
    await each.close()
  }
}

function placeNamed(found: readonly FoundPlace[], name: string): FoundPlace | undefined {
  const place = found.find((each) => each.name === name && JSON.parse(each.records.schema).type === 'count')
  return place === undefined ? undefined : { name, records: plain(place.records), facts: plain(place.facts) }
}

/** Intervals may stand in an object without a prototype. */
function plain<T extends { readonly schema: string; readonly intervals: Readonly<Record<string, string>> }>(
  texts: T,
): T {
  return { ...texts, intervals: { ...texts.intervals } }
}

function factsOf({ facts, intervals }: StoreSchema): FoundPlace['facts'] {
  return {
    schema: facts,
    intervals: Object.fromEntries(Object.entries(intervals).map(([name, own]) => [name, own.facts])),
  }
}
