import type { CellStore, OpenOptions, OriginalType, StoreSchema } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { openPatiently, retried } from '../internal/patient.ts'
import { openAnew } from '../internal/recorded.ts'
import { claim, same } from '../internal/same.ts'
import { schemaOf } from '../internal/schema.ts'
import { TYPES } from '../internal/types.ts'
import { type OpenedCells, placeOf, type TestContext } from '../test-context.ts'
import { ALWAYS, batchOf, cell, expectCells, write } from './cells.ts'
import { CHANGING } from './records.ts'

const RANGE = { first: 0, last: 100 }
const ROUNDS = { short: 3, long: 30 } as const
/** How many turns of the event loop each writer waits, from round to round: some write before the replacement looks, some while, some after. */
const TURNS = [
  [0, 1, 2],
  [1, 2, 10],
  [2, 10, 60],
]

/** Check and replacement of a record are one step, and stores opened under the old one are refused. */
export function replaceTests(size: 'short' | 'long'): DriverTest[] {
  return [
    ...ofTypes(TYPES, (type) => [liveTest(type), staleTest(type)]),
    ...ofTypes(['count', 'series'], (type) => raceTest(type, ROUNDS[size])),
    staleSchemaTest,
  ]
}

const schemasOf = async (type: OriginalType, interval: string): Promise<readonly [StoreSchema, StoreSchema]> =>
  Promise.all([60, 300].map((step) => schemaOf({ type, intervals: { [interval]: { step } } }))) as never

/** To replace the record of an interval whose cells are live from that bucket on. */
function replacingFrom(before: StoreSchema, interval: string, oldest: number): OpenOptions {
  return {
    replace: { intervals: { [interval]: before.intervals[interval]!.record } },
    oldestLive: { [interval]: oldest },
  }
}

function liveTest(type: OriginalType): DriverTest {
  const interval = 'covered'
  return {
    title: `replace: ${type}: a record that covers a live cell is kept, and one that covers only expired cells is deleted with them`,
    async run(context) {
      const { change } = kinds[type]
      const [driver, other] = [await context.driver(placeOf({ type })), await context.driver(placeOf({ type }), 1)]
      const [minutes, fives] = await schemasOf(type, interval)
      const before = await openAnew(driver, { type, intervals: { [interval]: { step: 60 } } })
      const cells = [cell('a', interval, 4, 0, change(1)), cell('b', interval, 5, 0, change(2))]
      await write(before, cells)
      const query = { names: ['a', 'b'], interval, range: RANGE }
      for (const oldest of [ALWAYS, 5]) {
        const { records } = await openPatiently(other, fives, replacingFrom(minutes, interval, oldest))
        same(
          records.intervals[interval],
          minutes.intervals[interval]!.record,
          `the record, where cells are live from ${oldest} on`,
        )
        await expectCells(before, query, cells, `after a replacement that was not made, from ${oldest} on`)
      }
      const { store, records } = await openPatiently(other, fives, replacingFrom(minutes, interval, 6))
      same(records.intervals[interval], fives.intervals[interval]!.record, 'the record, where no cell is live')
      await expectCells({ store, schema: fives }, query, [], 'after the replacement')
      await store.delete(null)
    },
  }
}

function staleTest(type: OriginalType): DriverTest {
  const interval = 'stale'
  return {
    title: `replace: ${type}: a store opened under the old record refuses every call, and does nothing`,
    async run(context) {
      const { change } = kinds[type]
      const [first, second] = [await context.driver(placeOf({ type })), await context.driver(placeOf({ type }), 1)]
      const [minutes, fives] = await schemasOf(type, interval)
      await openAnew(first, { type, intervals: { [interval]: { step: 60 } } })
      // Without retries: its error is what is tested.
      const stale = (await retried(() => first.open(minutes))).store
      const old = cell('a', interval, 4, 0, change(1))
      await retried(() => write({ store: stale, schema: minutes }, [old]))
      const { store } = await openPatiently(second, fives, replacingFrom(minutes, interval, 6))
      const after = { store, schema: fives }
      const fresh = cell('a', interval, 20, 0, change(2))
      await write(after, [fresh])
      await expectStale(stale, minutes, cell('a', interval, 21, 0, change(3)), interval)
      const query = { names: ['a'], interval, range: RANGE }
      await expectCells(after, query, [fresh], 'under the new record, after each call of the old one')
      await store.delete(null)
    },
  }
}

/** Every call says that the configuration has changed. */
async function expectStale(
  store: CellStore,
  schema: StoreSchema,
  written: ReturnType<typeof cell>,
  interval: string,
): Promise<void> {
  const query = { names: ['a'], interval, range: RANGE }
  const calls: Record<string, () => Promise<unknown>> = {
    write: () => store.write(batchOf(schema, [written])),
    read: () => store.read(query),
    bounds: () => store.bounds(query),
    names: () => store.names({ oldestLive: { [interval]: ALWAYS }, limit: 10 }),
    delete: () => store.delete(['a']),
    'delete of everything': () => store.delete(null),
    deleteRange: () => store.deleteRange(query),
    ...(store.sweep !== undefined && {
      sweep: () => store.sweep!({ oldestLive: { [interval]: 50 }, names: null, limit: 10 }),
    }),
  }
  // Twice: it is permanent.
  for (const [call, work] of [...Object.entries(calls), ...Object.entries(calls)]) {
    const failure = await retried(work).then(
      (answer) => claim(false, `${call} of a store whose record was replaced resolves to ${JSON.stringify(answer)}`),
      (error: unknown) => error,
    )
    claim(
      failure instanceof Error && 'configChanged' in failure && failure.configChanged === true,
      () => `${call} of a store whose record was replaced rejects without configChanged: ${String(failure)}`,
    )
    same('retry' in failure ? failure.retry : undefined, 'never', `what ${call} says of trying again`)
  }
}

const staleSchemaTest: DriverTest = {
  title: 'replace: a schema that covers a live cell is kept, and a store opened under a replaced one is refused',
  types: ['series'],
  async run(context) {
    const [first, second] = [await context.driver(CHANGING), await context.driver(CHANGING, 1)]
    const intervals = { 'stale schema': { step: 60 } }
    const floats = await openAnew(first, { type: 'series', valueType: 'float', intervals })
    const stale = (await retried(() => first.open(floats.schema))).store
    const old = cell('a', 'stale schema', 4, 0, [1.5])
    await write(floats, [old])
    const strings = await schemaOf({ type: 'series', valueType: 'string', intervals })
    const options = (oldest: number): OpenOptions => {
      const recorded = Object.keys(floats.records.intervals)
      return { replace: floats.records, oldestLive: Object.fromEntries(recorded.map((each) => [each, oldest])) }
    }
    const kept = await openPatiently(second, strings, options(4))
    same(kept.records.schema, floats.schema.record, 'the schema, where a cell is live')
    await expectCells(floats, { names: ['a'], interval: 'stale schema', range: RANGE }, [old], 'not replaced')
    const { store, records } = await openPatiently(second, strings, options(Number.MAX_SAFE_INTEGER))
    same(records.schema, strings.record, 'the schema, where no cell is live')
    await expectStale(stale, floats.schema, cell('a', 'stale schema', 5, 0, [2.5]), 'stale schema')
    await store.delete(null)
  },
}

/** One writes into a live bucket while another replaces the record: acknowledged writes are there, or the record was not replaced. */
function raceTest(type: OriginalType, rounds: number): DriverTest {
  const interval = 'raced'
  return {
    title: `replace: ${type}: a write during a replacement is never lost once it is acknowledged`,
    async run(context: TestContext) {
      const { change } = kinds[type]
      const [first, second] = [await context.driver(placeOf({ type })), await context.driver(placeOf({ type }), 1)]
      const [minutes, fives] = await schemasOf(type, interval)
      for (let round = 0; round < rounds; round++) {
        await openAnew(first, { type, intervals: { [interval]: { step: 60 } } })
        const writers = await Promise.all(
          [first, second, first].map(async (driver) => (await retried(() => driver.open(minutes))).store),
        )
        const cells = writers.map((_, index) => cell(`writer ${index}`, interval, 10 + index, 0, change(index)))
        const acknowledged: typeof cells = []
        const writing = writers.map(async (store, index) => {
          await turns(TURNS[round % TURNS.length]![index]!)
          const opened: OpenedCells = { store, schema: minutes }
          await retried(() => write(opened, [cells[index]!])).then(
            () => acknowledged.push(cells[index]!),
            (error: unknown) =>
              claim(
                error instanceof Error && 'configChanged' in error,
                `a write beside a replacement rejects with ${String(error)}`,
              ),
          )
        })
        const replacing = openPatiently(second, fives, replacingFrom(minutes, interval, 0))
        const [{ store, records }] = await Promise.all([replacing, ...writing])
        const kept = records.intervals[interval] === minutes.intervals[interval]!.record
        const schema = kept ? minutes : fives
        const query = { names: cells.map(({ name }) => name), interval, range: RANGE }
        const now = kept ? (await openPatiently(first, minutes)).store : store
        await expectCells(
          { store: now, schema },
          query,
          acknowledged,
          `round ${round}: what was acknowledged, where the record was ${kept ? 'not ' : ''}replaced`,
        )
        await now.delete(null)
      }
    },
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}
