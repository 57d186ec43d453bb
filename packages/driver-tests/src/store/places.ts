import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { openPatiently } from '../internal/patient.ts'
import { claim, same } from '../internal/same.ts'
import { schemaOf } from '../internal/schema.ts'
import { TYPES } from '../internal/types.ts'
import { type OpenedCells, placeOf, type TestContext } from '../test-context.ts'
import { ALWAYS, cell, expectCells, expectNames, usualConfig, write } from './cells.ts'
import { openedTogether } from './records.ts'

const INTERVALS = { minute: { step: 60 }, hour: { step: 3600, resolution: 60 } }
const EVERY = { minute: ALWAYS, hour: ALWAYS }
const NAME = 'of every place'

/** The same name, interval and bucket at two places: a driver that keeps types apart but forgets the place merges them. */
export const placeTests: readonly DriverTest[] = [
  ...ofTypes(TYPES, (type) => ({
    title: `places: ${type}: two places share nothing`,
    run: async (context) =>
      expectApart(
        await openedAt(context, placeOf({ type }), usualConfig(type)),
        await openedAt(context, openedTogether(type), { type, intervals: INTERVALS }),
      ),
  })),
  {
    title: 'places: one whose name is the beginning of another is separate from it',
    types: ['series'],
    async run(context) {
      const config = (valueType: string) => ({
        type: 'series' as const,
        valueType,
        intervals: { minute: { step: 60 } },
      })
      const [short, long] = [await context.cells(config('int')), await context.cells(config('int64'))]
      await write(short, [cell(NAME, 'minute', 3, 0, [1, 2])])
      await write(long, [cell(NAME, 'minute', 3, 0, [3n])])
      await short.store.delete(null)
      const query = { names: [NAME], interval: 'minute', range: { first: 0, last: 9 } }
      await expectCells(
        long,
        query,
        [cell(NAME, 'minute', 3, 0, [3n])],
        'after everything was deleted at another place',
      )
      await expectNames(short.store, { minute: ALWAYS }, [], 'after everything was deleted there')
      await long.store.delete(null)
    },
  },
]

async function openedAt(
  context: TestContext,
  place: string,
  config: Parameters<typeof schemaOf>[0],
): Promise<OpenedCells> {
  const schema = await schemaOf(config)
  const { store } = await openPatiently(await context.driver(place), schema)
  await store.delete(null)
  return { store, schema }
}

async function expectApart(one: OpenedCells, two: OpenedCells): Promise<void> {
  const { change } = kinds[one.schema.type]
  const cellsOf = (seed: number) => [
    cell(NAME, 'minute', 3, 0, change(seed)),
    cell(NAME, 'hour', 3, 185, change(seed + 1)),
    cell(`${NAME}, ${seed}`, 'minute', 30 + seed, 0, change(seed)),
  ]
  const query = { names: [NAME, `${NAME}, 1`, `${NAME}, 4`], interval: 'minute', range: { first: 0, last: 99 } }
  const expectOf = async (at: OpenedCells, seed: number, what: string): Promise<void> => {
    const [first, hour, third] = cellsOf(seed)
    await expectCells(at, query, [first!, third!], what)
    await expectCells(at, { ...query, interval: 'hour' }, [hour!], what)
    same(await at.store.bounds(query), { first: 3, last: 30 + seed }, `bounds, ${what}`)
    await expectNames(at.store, EVERY, [NAME, `${NAME}, ${seed}`], what)
  }
  await write(one, cellsOf(1))
  await write(two, cellsOf(4))
  await expectOf(one, 1, 'at the first place')
  await expectOf(two, 4, 'at the second place')
  await two.store.delete([NAME, `${NAME}, 1`])
  await expectOf(one, 1, 'at the first place, after the names were deleted at the second')
  await one.store.delete(null)
  await expectNames(two.store, EVERY, [`${NAME}, 4`], 'at the second place, after everything was deleted at the first')
  claim((await two.store.bounds(query))?.first === 34, 'bounds at the second place, after both deletes')
  await two.store.delete(null)
}
