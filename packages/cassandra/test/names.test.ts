import type { StorageDriver } from '@kairos/core/driver'
import { describe, expect, it } from 'vitest'
import { type CassandraClientLike, type CassandraDriverOptions, cassandraDriver } from '../src/index.ts'
import { settingsOf } from '../src/options.ts'
import { locationOf, placeOf } from '../src/schema/place.ts'
import { closedAfterwards, recordingClient } from './support/raw.ts'
import { SINGLE_URL } from './support/servers.ts'
import { ALL, change, EMPTY, names, read, schemaOf, write } from './support/store.ts'

/** New in each run: no table is there yet. */
const KEYSPACE = `names_${Date.now().toString(36)}`
const FEW = { oldestLive: ALL, limit: 5 }

describe.skipIf(SINGLE_URL === undefined)('names of timeseries, and their end', () => {
  const { client, drivers } = closedAfterwards(SINGLE_URL)

  function driverOf(
    options: CassandraDriverOptions = {},
    target: string | CassandraClientLike = SINGLE_URL!,
  ): StorageDriver {
    const driver = cassandraDriver(target, { keyspace: KEYSPACE, replication: 1, lease: 100, ...options })
    drivers.push(driver)
    return driver
  }
  const tables = async (): Promise<string[]> => {
    const query = 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?'
    const { rows } = await client.execute(query, [KEYSPACE])
    return rows.map(({ table_name }) => table_name as string).filter((table) => !table.startsWith('kairos_'))
  }
  const rowsOf = async (table: string, columns = '*') =>
    (await client.execute(`SELECT ${columns} FROM ${KEYSPACE}.${table}`)).rows

  it('share a table with those of their type and valueType, and processes their writer numbers', async () => {
    const driver = driverOf()
    const schemas = [
      schemaOf('count', 'int', 'views'),
      schemaOf('count', 'int', 'Views'),
      schemaOf('count', 'float', 'loads'),
      schemaOf('set', 'string', 'views'),
      schemaOf('count', 'int'),
    ]
    const values = [1, 2, 3, new Set(['x']), 5]
    for (const [index, schema] of schemas.entries()) {
      const opened = await driver.open(schema)
      await write(opened, change('a', 7, values[index]!))
      expect(await read(opened, 'a')).toEqual(new Map([[7, values[index]]]))
    }
    expect((await tables()).sort()).toEqual(['count', 'named_count_float', 'named_count_int', 'named_set_string'])
    const shared = await rowsOf('named_count_int', 'timeseries, name, window, i, w')
    expect(shared.map(({ timeseries }) => timeseries).sort()).toEqual(['Views', 'views'])
    const writers = await rowsOf('kairos_records', 'place, kind')
    expect(writers.filter(({ kind }) => kind.startsWith('writers')).map(({ place }) => place)).toEqual(['count'])
  })

  it('can get another valueType, in another table, once no cell is live', async () => {
    const driver = driverOf({ tableName: 'retyped' })
    const [ints, strings] = [schemaOf('gauge', 'int', 'state'), schemaOf('gauge', 'string', 'state')]
    const old = await driver.open(ints)
    const beside = await driver.open(schemaOf('gauge', 'int', 'beside'))
    await write(old, change('a', 7, 1))
    await write(beside, change('a', 7, 2))
    const replaced = await driver.open(strings, { replace: old.records, oldestLive: EMPTY })
    expect(replaced.records.schema).toBe(strings.record)
    await expect(read(old, 'a')).rejects.toMatchObject({ configChanged: true })
    await write(replaced, change('a', 8, 'on'))
    expect(await read(replaced, 'a')).toEqual(new Map([[8, 'on']]))
    expect((await rowsOf('retyped_named_gauge_int')).map(({ timeseries }) => timeseries)).toEqual(['beside'])
    expect(await read(beside, 'a')).toEqual(new Map([[7, 2]]))
    // Back again: what was there before stays out of sight.
    const again = await driver.open(ints, { replace: replaced.records, oldestLive: EMPTY })
    expect(await read(again, 'a')).toEqual(new Map())
    expect(await names(again)).toEqual([])
    expect(await driver.discover!()).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'state', records: again.records })]),
    )
  })

  it('a dropped timeseries without a name takes its table with it, and a later one starts with another', async () => {
    const driver = driverOf({ tableName: 'ended' })
    const schema = schemaOf('series', 'int')
    const first = await driver.open(schema)
    await write(first, change('a', 7, [1, 2]))
    await first.store.drop!(null)
    expect(await tables()).not.toContain('ended')
    expect(await driver.discover!()).toEqual([])
    for (const table of ['kairos_names', 'kairos_windows'])
      expect((await rowsOf(table, 'place')).filter(({ place }) => place === 'ended')).toEqual([])
    const kept = (await rowsOf('kairos_records')).filter(({ place }) => place === 'ended')
    expect(kept).toEqual([expect.objectContaining({ kind: 'schema', record: '', generation: 1 })])
    const second = await driver.open(schema)
    expect(second.records).toEqual(first.records)
    expect(await names(second)).toEqual([])
    await write(second, change('a', 7, [3]))
    await expect(read(first, 'a')).rejects.toMatchObject({ configChanged: true })
    await expect(first.store.drop!(null)).rejects.toMatchObject({ configChanged: true })
    expect(await read(second, 'a')).toEqual(new Map([[7, [3]]]))
    expect(await driver.discover!()).toEqual([
      { records: second.records, facts: { schema: schema.facts, intervals: { m: '{"steps":1}' } } },
    ])
  })

  it('a drop that is cut off after the records went is finished by the next call', async () => {
    const broken = { client: recordingClient(client), fails: false }
    const target: CassandraClientLike = {
      ...broken.client,
      shutdown: async () => {},
      execute(query, params, options) {
        if (broken.fails && query.startsWith(`DELETE FROM "${KEYSPACE}"."cut_named`))
          return Promise.reject(Object.assign(new Error('overloaded'), { code: 0x1001 }))
        return broken.client.execute(query, params, options)
      },
    }
    const driver = driverOf({ tableName: 'cut' }, target)
    const schema = schemaOf('gauge', 'int', 'gone')
    const opened = await driver.open(schema)
    await write(opened, change('a', 7, 1))
    broken.fails = true
    await expect(opened.store.drop!(null)).rejects.toMatchObject({ retry: 'later' })
    await expect(read(opened, 'a')).rejects.toMatchObject({ configChanged: true })
    expect(await driver.discover!()).toEqual([])
    expect((await rowsOf('cut_named_gauge_int')).length).toBe(1)
    broken.fails = false
    await opened.store.drop!(null)
    expect(await rowsOf('cut_named_gauge_int')).toEqual([])
  })

  it('a write that stalls until the timeseries was dropped and opened again is refused, and stays out of sight', async () => {
    const stalled = Promise.withResolvers<void>()
    let sent = false
    const slow: CassandraClientLike = {
      ...recordingClient(client),
      shutdown: async () => {},
      async execute(query, params, options) {
        if (query.startsWith(`INSERT INTO "${KEYSPACE}"."stalled_named`)) {
          sent = true
          await stalled.promise
        }
        return client.execute(query, params, options as object)
      },
    }
    const schema = schemaOf('gauge', 'int', 'gone')
    const old = await driverOf({ tableName: 'stalled' }, slow).open(schema)
    const other = driverOf({ tableName: 'stalled' })
    const { store } = await other.open(schema)
    const writing = write(old, change('a', 7, 1))
    writing.catch(() => {})
    await expect.poll(() => sent, { interval: 1 }).toBe(true)
    await store.drop!(null)
    const again = await other.open(schema)
    stalled.resolve()
    await expect(writing).rejects.toMatchObject({ configChanged: true })
    expect(await read(again, 'a')).toEqual(new Map())
    expect(await names(again)).toEqual([])
  })

  it('discover creates nothing', async () => {
    const nowhere = `nowhere_${KEYSPACE}`
    expect(await driverOf({ keyspace: nowhere }).discover!()).toEqual([])
    const query = 'SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?'
    expect((await client.execute(query, [nowhere])).rows).toEqual([])
  })

  it('a page of names asks the registry once and each name once, however many there are', async () => {
    const recording = recordingClient(client)
    const driver = driverOf({ tableName: 'paged' }, { ...recording, shutdown: async () => {} })
    const opened = await driver.open(schemaOf('gauge', 'int'))
    const all = Array.from({ length: 400 }, (_, index) => `n${String(index).padStart(3, '0')}`)
    await write(opened, ...all.map((name) => change(name, 1, 1)))
    // Besides looks at the records, whose lease is short here.
    const asked = () => recording.sent.filter(({ queries }) => !/kairos_records/.test(queries[0]!.query)).length
    recording.sent.length = 0
    expect(await opened.store.names(FEW)).toEqual({ names: all.slice(0, 5), next: 'n004' })
    // One of them is the registry; a few more names than needed are looked at at the same time.
    expect(asked()).toBeLessThanOrEqual(1 + 8)
    expect(await opened.store.names({ ...FEW, prefix: 'n39', after: 'n396' })).toEqual({ names: all.slice(397) })
    await opened.store.delete(all.slice(0, 300))
    // Registrations stay: a page is bounded by what it looks at, too.
    recording.sent.length = 0
    expect(await opened.store.names(FEW)).toEqual({ names: [], next: 'n255' })
    expect(asked()).toBeLessThanOrEqual(2 * 256 + 16)
    expect(await opened.store.names({ ...FEW, after: 'n255' })).toEqual({ names: all.slice(300, 305), next: 'n304' })
  })
})

describe('the place of a timeseries', () => {
  const placed = (tableName: string | undefined, name?: string) =>
    placeOf(settingsOf({ tableName }), schemaOf('histogram', 'datetime', name))

  it('is another one for each tableName, type and name; without a name it is the table', () => {
    expect(placed(undefined).key).toBe('histogram')
    expect(placed('web').key).toBe('web')
    expect(placed(undefined, 'views').key).toBe('histogram views')
    expect(placed('web', 'views').key).toBe('web histogram views')
  })

  it('is in a table whose name Cassandra takes, and no two generations share cells', () => {
    expect(locationOf(placed('web'), 'datetime', 0)).toEqual({ table: 'web', timeseries: undefined })
    expect(locationOf(placed('web'), 'datetime', 2)).toEqual({ table: '2_web', timeseries: undefined })
    const table = 'web_named_histogram_datetime'
    expect(locationOf(placed('web', 'views'), 'datetime', 0)).toEqual({ table, timeseries: 'views' })
    expect(locationOf(placed('web', 'views'), 'datetime', 2)).toEqual({ table, timeseries: 'views 2' })
    const [long, other] = ['x', 'y'].map(
      (letter) => locationOf(placed(letter.repeat(40), 'views'), 'datetime', 0).table,
    ) as [string, string]
    expect(long).toMatch(/^x{31}_[0-9a-f]{16}$/)
    expect(other).not.toBe(long)
  })
})
