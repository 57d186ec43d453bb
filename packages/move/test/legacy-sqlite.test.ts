import { DatabaseSync } from 'node:sqlite'
import { configOf } from '@kairos/core/calls'
import { afterAll, describe, expect, it } from 'vitest'
import { openLegacy } from '../src/index.ts'
import { type SqlDatabase, sqlDatabase } from '../src/legacy/sql-client.ts'
import { sqlStore } from '../src/legacy/sql-store.ts'
import { expectExact, legacyCases, optionsOf, sampleText } from './support/legacy-cases.ts'
import { allOf } from './support/samples.ts'

describe('what Python kairos wrote into SQLite', () => {
  const database = new DatabaseSync(':memory:')
  database.exec(sampleText('sqlite.sql'))
  afterAll(() => database.close())

  it.each(legacyCases('sqlite').map((own) => [own.id, own] as const))('is read exactly: %s', async (_id, own) => {
    await expectExact(own, await openLegacy(database, optionsOf(own)))
  })

  it('is read in the same order in parts, by names, and behind a cursor', async () => {
    const [own] = legacyCases('sqlite').filter(({ id }) => id === 'sqlite.series.gregres')
    const source = await openLegacy(database, optionsOf(own!))
    const cells = await allOf(source.cells())
    const [middle] = cells.slice(Math.floor(cells.length / 3))
    expect(await allOf(source.cells({ after: middle!.cursor }))).toEqual(cells.slice(cells.indexOf(middle!) + 1))
    const names = await allOf(source.names())
    const parts = await Promise.all(names.map((name) => allOf(source.cells({ names: [name] }))))
    expect(new Set(parts.flat().map(({ cursor }) => cursor))).toEqual(new Set(cells.map(({ cursor }) => cursor)))
    const [first] = await allOf(source.cells({ intervals: ['week_d'], start: middle!.start }))
    expect(first!.interval).toBe('week_d')
    expect(source.report().cut).toBeGreaterThan(0)
  })

  it('is read in pages by a client that cannot stream', async () => {
    const [own] = legacyCases('sqlite').filter(({ id }) => id === 'sqlite.series.ties')
    const config = configOf(await openLegacy(database, optionsOf(own!)))
    const { stream: _, ...paging } = sqlDatabase(database)
    const query = { interval: 'hour', fine: true, names: undefined, from: undefined }
    const cellsBy = (client: SqlDatabase, pageSize: number) =>
      allOf(sqlStore(client, config, 'ties', async () => {}, pageSize).cells(query))
    expect(await cellsBy(paging, 7)).toEqual(await cellsBy(sqlDatabase(database), 7))
  })

  it('is reported where it cannot be read', async () => {
    const broken = new DatabaseSync(':memory:')
    broken.exec(`CREATE TABLE gauge (name TEXT, interval TEXT, i_time INTEGER, r_time INTEGER, value);
      INSERT INTO gauge VALUES ('a', 'week', 201799, NULL, 1), ('a', 'week', 201702, 3, 1), ('a', 'week', 201703, NULL, 'x'),
        ('', 'week', 201703, NULL, 1), ('b', 'week', 201703, NULL, 1), ('b', 'week', 201703, NULL, 2)`)
    const source = await openLegacy(broken, { type: 'gauge', intervals: { week: { step: 'weekly' } } })
    expect(await allOf(source.cells())).toEqual([
      {
        name: 'b',
        interval: 'week',
        start: Date.UTC(2017, 0, 15) / 1_000,
        value: 2,
        expires: null,
        cursor: expect.any(String),
      },
    ])
    expect(source.report().lost.map(({ reason, count, examples }) => [reason, count, examples[0]])).toEqual([
      ['name', 1, ' week 201703'],
      ['bucket', 2, 'a week 201702 3'],
      ['value', 1, 'a week 201703: x'],
      ['duplicate', 1, 'b week 201703'],
    ])
    broken.close()
  })

  it.each([
    [42, {}, 'the store must be a redis:, mongodb:, sqlite:, postgres: or mysql: URL or a client of one, not 42'],
    ['oracle://user:secret@host', {}, 'not another URL'],
    ['sqlite::memory:', { type: 'set' }, 'which it kept only in Redis'],
    ['sqlite::memory:', { type: 'summary' }, 'type must be one of series, histogram, count, gauge, set, not "summary"'],
    ['sqlite::memory:', { prefx: 'a' }, 'prefx is not an option'],
    [
      'sqlite::memory:',
      { intervals: { a: null } },
      'intervals.a must be an object of step, steps, resolution, not null',
    ],
    ['sqlite::memory:', { intervals: { a: { step: 60, zone: 'UTC' } } }, 'intervals.a must be an object of step'],
    ['sqlite::memory:', { intervals: { a: { step: 60, resolution: 'x' } } }, 'intervals.a.resolution must be a step'],
  ])('refuses %o with %o', async (store, options, message) => {
    const usual = { type: 'count', intervals: { a: { step: 60 } } }
    await expect(openLegacy(store as never, { ...usual, ...options } as never)).rejects.toThrow(message)
  })

  it('refuses to be opened without options', async () => {
    await expect(openLegacy('sqlite::memory:', undefined as never)).rejects.toThrow(
      'the options of openLegacy must be an object, not undefined',
    )
  })
})
