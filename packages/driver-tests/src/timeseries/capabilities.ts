import type { CellStore, OriginalType, StorageDriver, TimeseriesType, WriteReceipt } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { failureOf } from '../internal/agree.ts'
import { collect, createAnyTimeseries } from '../internal/any-timeseries.ts'
import { dataOf } from '../internal/data.ts'
import { kinds } from '../internal/kinds.ts'
import { retried } from '../internal/patient.ts'
import { alike, claim, same } from '../internal/same.ts'
import { schemaOf } from '../internal/schema.ts'
import { ALL_TYPES, TYPES } from '../internal/types.ts'
import { batchOf, cell, expectCells } from '../store/cells.ts'
import { type Instance, NOW, placeOf, type TestContext } from '../test-context.ts'

const INTERVALS = { 'able minute': { step: 60 }, 'able hour': { step: 3600, resolution: 60 } }

/** What a capability promises is tested as a promise; what it rules out, as a refusal. */
export const capabilityTests: readonly DriverTest[] = [
  {
    types: ['count'],
    title: 'capabilities: fractional counts',
    async run(context) {
      const { timeseries } = await context.emptied({ type: 'count', intervals: INTERVALS })
      const { capabilities } = await driverOf(context, 'count')
      if (!capabilities.fractionalCounts) {
        const error = await failureOf(timeseries.insert('a', 0.5), 'KAIROS_UNSUPPORTED', 'a count of 0.5')
        same(error.feature, 'fractionalCounts', 'the feature that the error names')
        return
      }
      for (const count of [0.5, 0.1, 0.2, -1.25]) await timeseries.insert('a', count)
      alike([...(await timeseries.get('a', 'able minute')).values()], [-0.45], 'a sum of fractions')
      await timeseries.deleteAll()
    },
  },
  ...ofTypes(ALL_TYPES, (type) => [onceTest(type), keyTest(type)]),
  ...ofTypes(TYPES, (type) => [fetchTest(type), limitTest(type)]),
  {
    title: 'capabilities: types that the driver does not list are refused by name',
    async run(context) {
      const known = await context.types()
      for (const type of ALL_TYPES.filter((each) => !known.includes(each))) {
        const driver = await driverOf(context, type)
        const open = async () => createAnyTimeseries(driver, { type, intervals: INTERVALS }).open()
        const error = await failureOf(open(), 'KAIROS_UNSUPPORTED', `a ${type}, which is not listed`)
        same(error.feature, 'type', 'the feature that the error names')
        claim(error.message.includes(type), `the message must name ${type}: ${error.message}`)
      }
    },
  },
  {
    title: 'capabilities: an unknown valueType is refused by name',
    async run(context) {
      const [type] = (await context.types()).filter((each) => each !== 'count')
      if (type === undefined) return
      const driver = await driverOf(context, type)
      const schema = {
        ...(await schemaOf({ type, intervals: INTERVALS })),
        valueType: 'colour',
        record: '{"version":2}',
      }
      const error = await failureOf(
        retried(() => driver.open(schema)),
        'KAIROS_UNSUPPORTED',
        'a valueType of a later Kairos',
      )
      same(error.feature, 'valueType', 'the feature that the error names')
    },
  },
  {
    title: 'capabilities: options that the driver does not declare are refused',
    async run(context) {
      const { timeseries } = await context.emptied({ type: 'count', intervals: INTERVALS })
      const unknown = { 'no option of any driver': 1 }
      await failureOf(timeseries.insert('a', 1, unknown), 'KAIROS_INVALID_CONFIG', 'an unknown option of insert')
      await failureOf(timeseries.get('a', 'able minute', unknown), 'KAIROS_INVALID_CONFIG', 'an unknown option of get')
    },
  },
]

function driverOf(context: TestContext, type: TimeseriesType, instance: Instance = 0): Promise<StorageDriver> {
  return context.driver(placeOf({ type }), instance)
}

function onceTest(type: TimeseriesType): DriverTest {
  const { change, merge } = kinds[type]
  return {
    title: `capabilities: ${type}: delivery 'once'`,
    async run(context) {
      const { timeseries } = await context.emptied({ type, intervals: INTERVALS })
      const { capabilities } = await driverOf(context, type)
      if (!capabilities.exactlyOnce) {
        const call = timeseries.insert('a', 1, { delivery: 'once' })
        const error = await failureOf(call, 'KAIROS_UNSUPPORTED', "delivery 'once'")
        same(error.feature, 'exactlyOnce', 'the feature that the error names')
        return
      }
      same(await timeseries.insert('a', 1, { delivery: 'once' }), { stored: 2, expired: 0 }, "delivery 'once'")
      const opened = await context.cells({ type, intervals: INTERVALS })
      const name = context.name()
      const cells = [cell(name, 'able minute', 5, 0, change(1)), cell(name, 'able hour', 1, 65, change(2))]
      const batch = { ...batchOf(opened.schema, cells), id: crypto.randomUUID() }
      await opened.store.write(batch)
      await opened.store.write(batch)
      const query = { names: [name], interval: 'able minute', range: { first: 0, last: 9 } }
      await expectCells(opened, query, cells.slice(0, 1), 'the same batch twice')
      await opened.store.write({ ...batch, id: crypto.randomUUID() })
      await opened.store.write(batch)
      // A driver that remembers only the last few ids has forgotten this one.
      const passing = context.name()
      for (let index = 0; index < 150; index++) {
        const other = batchOf(opened.schema, [cell(passing, 'able minute', index % 7, 0, change(index))])
        await opened.store.write({ ...other, id: crypto.randomUUID() })
      }
      await opened.store.write(batch)
      if (capabilities.exactlyOnce.seconds > 0) {
        // As another process would: the same id, on a batch of its own.
        const other = await context.cells({ type, intervals: INTERVALS }, 1)
        const receipt = await other.store.write({ ...batchOf(other.schema, cells), id: batch.id })
        same(isRepeat(receipt), true, 'repeated, in the receipt of an id that another instance wrote')
        const receipts = await Promise.all(
          [opened, other, opened].map(({ store }) => store.write({ ...batchOf(opened.schema, cells), id: batch.id })),
        )
        same(receipts.map(isRepeat), [true, true, true], 'receipts of three at once')
      }
      const twice = cells.map((each) => ({ ...each, change: merge(each.change, each.change) }))
      await expectCells(opened, query, twice.slice(0, 1), 'another batch of the same cells, then the first again')
      await expectCells(opened, { ...query, interval: 'able hour' }, twice.slice(1), 'another batch of the same cells')
      await timeseries.deleteAll()
    },
  }
}

/** What a write resolved to; a driver may resolve to nothing. */
function isRepeat(receipt: Awaited<ReturnType<CellStore['write']>>): boolean {
  return (receipt as WriteReceipt | undefined)?.repeated === true
}

function keyTest(type: TimeseriesType): DriverTest {
  return {
    title: `capabilities: ${type}: a write with a key is stored once`,
    async run(context) {
      const { timeseries } = await context.emptied({ type, intervals: INTERVALS })
      const { timeseries: second } = await context.timeseries({ type, intervals: INTERVALS }, 1)
      const { exactlyOnce } = (await driverOf(context, type)).capabilities
      // The kit may run again while a store remembers the keys of an earlier run.
      const once = `the key of ${crypto.randomUUID()}`
      if (exactlyOnce === false || exactlyOnce.seconds === 0) {
        const error = await failureOf(timeseries.insert('a', 1, { once }), 'KAIROS_UNSUPPORTED', 'a write by its key')
        same(error.feature, 'exactlyOnce', 'the feature that the error names')
        return
      }
      same(await timeseries.insert('a', 1, { once }), { stored: 2, expired: 0 }, 'a write by its key')
      const repeated = { stored: 0, expired: 0, repeated: true }
      for (const who of [timeseries, second])
        same(await who.insert('a', 1, { once }), repeated, 'the write repeated, by the same instance and another')
      const bulk = `${once}, of many`
      const points = [
        { name: 'a', value: 1 },
        { name: 'b', value: 1 },
      ]
      same(await second.bulkInsert(points, { once: bulk }), { stored: 4, expired: 0 }, 'many by one key')
      same(await timeseries.bulkInsert(points, { once: bulk }), repeated, 'many by one key, repeated')
      await timeseries.insert('a', 1, { once: `${once}, another` })
      same(
        [...(await second.get('a', 'able minute')).values()],
        [await dataOf(type, [1, 1, 1])],
        'what three writes, some repeated, leave',
      )
      await timeseries.deleteAll()
    },
  }
}

function fetchTest(type: OriginalType): DriverTest {
  return {
    title: `capabilities: ${type}: the caller's own fetch`,
    async run(context) {
      const { timeseries } = await context.emptied({ type, intervals: INTERVALS })
      const { capabilities } = await driverOf(context, type)
      if (!capabilities.customFetch) {
        const error = await failureOf(
          timeseries.get('a', 'able minute', { fetch: () => [] }),
          'KAIROS_UNSUPPORTED',
          'a fetch',
        )
        same(error.feature, 'customFetch', 'the feature that the error names')
        return
      }
      claim(
        context.options.fetch !== undefined,
        'capabilities.customFetch is true, so describeDriver needs the option `fetch`',
      )
      const wrong = await failureOf(
        timeseries.get('a', 'able minute', { fetch: 5 }),
        'KAIROS_INVALID_CONFIG',
        'fetch: 5',
      )
      same(wrong.path, 'fetch', 'the path that the error names')
      const fetch = context.options.fetch(type)
      claim(fetch !== undefined, `the option \`fetch\` gives nothing for a ${type}`)
      for (const [index, name] of ['a', 'b', 'a', 'a', 'b'].entries()) {
        await timeseries.insert(name, [index, index, 0.5], { timestamp: NOW + index * 40 })
      }
      for (const interval of Object.keys(INTERVALS)) {
        for (const names of ['a', ['b', 'a', 'nobody'], 'nobody']) {
          const options = { start: NOW - 60, end: NOW + 300 }
          const what = `${JSON.stringify(names)} in ${interval}`
          const read = (more: object) => timeseries.series(names, interval, { ...options, ...more })
          alike(await read({ fetch }), await read({}), `series of ${what}, fetched`)
          alike(
            await timeseries.get(names, interval, { fetch }),
            await timeseries.get(names, interval),
            `get of ${what}, fetched`,
          )
          const iterated = await collect(timeseries.iterate(names, interval, { fetch }))
          alike(iterated, await collect(timeseries.iterate(names, interval)), `iterate of ${what}, fetched`)
        }
      }
      const further = createAnyTimeseries(fetchingAlso('b', await driverOf(context, type)), {
        type,
        intervals: INTERVALS,
        now: () => NOW,
      })
      const range = { start: NOW - 60, end: NOW + 300 }
      alike(
        await further.series('a', 'able minute', { ...range, fetch }),
        await timeseries.series('a', 'able minute', range),
        'series of "a", where the fetch also returns rows of "b", which was not asked for',
      )
      await further.close()
      const rows: unknown[] = []
      const processRow = (row: unknown) => rows.push(row)
      await timeseries.series('a', 'able minute', { start: NOW - 60, end: NOW + 300, fetch, processRow })
      const listed = type === 'series' || type === 'histogram' || type === 'set'
      claim(
        !listed || rows.every((row) => Array.isArray(row)),
        `the rows of a ${type} that processRow is given must be lists of rows, also where a cell has one`,
      )
      same(rows.length, 3, 'rows that processRow was given, one for each cell of three')
      claim(
        rows.every((row) => row !== undefined),
        'processRow was given the rows that fetch found',
      )
      await timeseries.deleteAll()
    },
  }
}

/** The same driver, whose fetches find this name besides those that were asked for; closing it leaves the driver open. */
function fetchingAlso(name: string, driver: StorageDriver): StorageDriver {
  return {
    ...driver,
    async open(schema, options) {
      const opened = await driver.open(schema, options)
      const fetch: NonNullable<CellStore['fetch']> = (query, own, callOptions) =>
        opened.store.fetch!({ ...query, names: [...query.names, name] }, own, callOptions)
      return { ...opened, store: { ...opened.store, fetch } }
    },
    close: async () => {},
  }
}

function limitTest(type: OriginalType): DriverTest {
  return {
    title: `capabilities: ${type}: names and values longer than the store can hold are refused`,
    async run(context) {
      const { capabilities } = await driverOf(context, type)
      const { maxStringLength, maxNameBytes, maxKeyBytes } = capabilities
      const { timeseries } = await context.emptied({ type, intervals: INTERVALS })
      for (const longest of [maxStringLength, maxNameBytes]) {
        if (longest === undefined) continue
        await failureOf(
          timeseries.insert('a'.repeat(longest + 1), 1),
          'KAIROS_INVALID_VALUE',
          `a name longer than ${longest}`,
        )
        await failureOf(
          timeseries.get('a'.repeat(longest + 1), 'able minute'),
          'KAIROS_INVALID_VALUE',
          `a name longer than ${longest}`,
        )
      }
      if (type === 'count') return
      const strings = await context.emptied({ type, valueType: 'string', intervals: INTERVALS })
      const keyed = type === 'histogram' || type === 'set'
      for (const longest of [maxStringLength, keyed ? maxKeyBytes : undefined]) {
        if (longest === undefined) continue
        const call = strings.timeseries.insert('a', 'a'.repeat(longest + 1))
        await failureOf(call, 'KAIROS_INVALID_VALUE', `a value longer than ${longest}`)
      }
      same(await strings.timeseries.list(), [], 'names after the refusals')
    },
  }
}
