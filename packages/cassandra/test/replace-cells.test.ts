import type { CellValue, OriginalType, StoreFailure } from '@kairos/core/driver'
import { startFaultProxy } from '@kairos/driver-tests'
import { describe, expect, it } from 'vitest'
import { parseUrl } from '../src/connection/url.ts'
import { createDriver } from '../src/driver.ts'
import { TIMINGS, type Timings } from '../src/timings.ts'
import { closedAfterwards, recordingClient } from './support/raw.ts'
import { SINGLE_URL } from './support/servers.ts'
import { change, read, replace, schemaOf, write } from './support/store.ts'

const KEYSPACE = `replaced_${Date.now().toString(36)}`
const integers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => from + index)

describe.skipIf(SINGLE_URL === undefined)('replacing cells', () => {
  const { client, drivers } = closedAfterwards(SINGLE_URL)

  function driverOf(tableName: string, target: Parameters<typeof createDriver>[0], timings: Partial<Timings> = {}) {
    const driver = createDriver(
      target,
      { keyspace: KEYSPACE, replication: 1, tableName, lease: 100 },
      { ...TIMINGS, ...timings },
    )
    drivers.push(driver)
    return driver
  }

  it('writes only the cells that differ, each by a delete and rows a microsecond newer in one batch', async () => {
    const recording = recordingClient(client)
    const driver = driverOf('differing', { ...recording, shutdown: async () => {} })
    const opened = await driver.open(schemaOf('count', 'int'))
    await write(opened, change('a', 1, 5), change('a', 2, 6))
    recording.sent.length = 0
    await replace(opened, 'a', [
      [1, 5],
      [2, 7],
      [3, null],
    ])
    const writes = recording.sent.filter(({ queries }) => !queries[0]!.query.startsWith('SELECT'))
    expect(writes.length).toBe(1)
    const [{ queries, options }] = writes as [(typeof writes)[0]]
    expect(queries.map(({ query }) => query.slice(0, 6))).toEqual(['DELETE', 'UPDATE'])
    const deleted = (queries[0]!.params[0] as Buffer).readBigInt64BE()
    expect(BigInt(options.timestamp as number)).toBe(deleted + 1n)
    expect(await read(opened, 'a')).toEqual(
      new Map([
        [1, 5],
        [2, 7],
      ]),
    )
  })

  it.each([
    ['series', integers(900), integers(700, 10_000)],
    ['set', new Set(integers(900)), new Set(integers(700, 600))],
    ['histogram', new Map(integers(900).map((value) => [value, 2])), new Map([[7, 1]])],
  ] as [OriginalType, CellValue, CellValue][])(
    'a %s larger than a request, in several parts, holds exactly the new value',
    async (type, before, after) => {
      const table = `large_${type}`
      const first = await driverOf(table, SINGLE_URL!, { partRows: 200 }).open(schemaOf(type, 'int'))
      const second = await driverOf(table, SINGLE_URL!, { partRows: 200 }).open(schemaOf(type, 'int'))
      await write(first, change('a', 1, before), change('a', 2, before))
      await write(second, change('a', 1, after))
      await write(first, change('a', 1, after))
      await replace(second, 'a', [[1, after]])
      for (const opened of [first, second]) expect((await read(opened, 'a')).get(1)).toEqual(after)
      await replace(first, 'a', [[1, before]])
      for (const opened of [first, second]) expect((await read(opened, 'a')).get(1)).toEqual(before)
      await replace(first, 'a', [[1, null]])
      expect(await read(second, 'a')).toEqual(new Map([[2, before]]))
    },
  )

  it('a count that is replaced and added to by folding processes is exact', async () => {
    const timings = { foldEntries: 2, grace: 0, promptDelete: 10_000 }
    const [first, second] = [
      await driverOf('folded', SINGLE_URL!, timings).open(schemaOf('count', 'int')),
      await driverOf('folded', SINGLE_URL!, timings).open(schemaOf('count', 'int')),
    ]
    for (let round = 0; round < 10; round++) {
      for (let turn = 0; turn < 6; turn++) await write(turn % 2 === 0 ? first : second, change('a', 1, 1))
      await replace(round % 2 === 0 ? first : second, 'a', [[1, 100 + round]])
      for (let turn = 0; turn < 6; turn++) await write(turn % 2 === 0 ? first : second, change('a', 1, 1))
      expect(await read(second, 'a')).toEqual(new Map([[1, 106 + round]]))
    }
  })

  it('an answer that is lost is asked for again, by the same call', async () => {
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(parseUrl(SINGLE_URL!).hosts[0]!)!
    let cuts = 0
    const proxy = await startFaultProxy({
      target: { host, port: Number(port) },
      decide: () => (cuts > 0 && cuts-- > 0 ? 'cut-reply' : null),
    })
    const driver = driverOf('lost', `cassandra://${proxy.host}:${proxy.port}`)
    const opened = await driver.open(schemaOf('count', 'int'))
    const direct = await driverOf('lost', SINGLE_URL!).open(schemaOf('count', 'int'))
    await write(opened, change('a', 1, 5), change('a', 2, 5), change('a', 3, 5))
    /** As core does: a call that may be repeated is. */
    const despite = async (lost: number, call: () => Promise<unknown>): Promise<void> => {
      cuts = lost
      const done = () =>
        call().then(
          () => 'done',
          ({ retry }: StoreFailure) => retry,
        )
      await expect.poll(done, { interval: 1 }).toBe('done')
      cuts = 0
    }
    for (const [round, value] of [7, 8, 9].entries()) {
      await despite(1 + round, () => replace(opened, 'a', [[1, value]]))
      expect((await read(direct, 'a')).get(1)).toBe(value)
    }
    await despite(2, () => opened.store.deleteRange({ names: ['a'], interval: 'm', range: { first: 2, last: 2 } }))
    expect([...(await read(direct, 'a')).keys()]).toEqual([1, 3])
    await despite(1, () => opened.store.drop!(null))
    expect(await driver.discover!()).toEqual([])
    await driver.close()
    await proxy.close()
  })
})
