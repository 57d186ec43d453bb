import type { CellWrite, OpenedStore, OpenOptions, StorageDriver, StoreSchema } from '@kairos/core/driver'
import { describe, expect, it } from 'vitest'
import { type CassandraClientLike, cassandraDriver } from '../src/index.ts'
import { closedAfterwards } from './support/raw.ts'
import { SINGLE_URL } from './support/servers.ts'

/** New in each run: nothing is recorded yet. */
const KEYSPACE = `replacement_${Date.now().toString(36)}`
const RANGE = { first: 0, last: 100 }
const WAITING = { interval: 10, timeout: 60_000 }
const EMPTY = { m: Number.MAX_SAFE_INTEGER }
const ALL = { m: Number.MIN_SAFE_INTEGER }

const recordOf = (step: number): string => `{"version":1,"step":${step}}`
function schemaOf(step: number, valueType = 'int'): StoreSchema {
  const interval = { record: recordOf(step), facts: '{}', hasResolution: false, fanOut: 1, expiresAt: () => null }
  return {
    type: 'gauge',
    valueType,
    record: `{"version":1,"valueType":"${valueType}"}`,
    facts: '{}',
    intervals: { m: { ...interval, resolutionRange: () => ({ first: 0, last: 0 }) } },
  }
}
const cell = (bucket: number, change: number): CellWrite => ({
  name: 'a',
  interval: 'm',
  bucket,
  resolutionBucket: 0,
  change,
})
const write = ({ store }: OpenedStore, ...cells: CellWrite[]) => store.write({ cells, oldestLive: ALL })
const read = ({ store }: OpenedStore) => store.read({ names: ['a'], interval: 'm', range: RANGE })
/** Opens with a configuration for which no cell is live, or every one. */
const replacing = (step: number, oldestLive: OpenOptions['oldestLive'] = EMPTY): OpenOptions => ({
  replace: { intervals: { m: recordOf(step) } },
  ...(oldestLive && { oldestLive }),
})

describe.skipIf(SINGLE_URL === undefined)('replacing records', () => {
  const { client, drivers } = closedAfterwards(SINGLE_URL)

  function driverOf(
    tableName: string,
    lease: number,
    target: string | CassandraClientLike = SINGLE_URL!,
  ): StorageDriver {
    const driver = cassandraDriver(target, { keyspace: KEYSPACE, replication: 1, tableName, lease })
    drivers.push(driver)
    return driver
  }
  /** Two drivers, the first of which has opened an empty interval with a step of 60. */
  async function opened(tableName: string, lease: number) {
    const [first, second] = [driverOf(tableName, lease), driverOf(tableName, lease)]
    return { first, second, old: await first.open(schemaOf(60)) }
  }
  const mark = async (tableName: string): Promise<string | undefined> => {
    const query = `SELECT record FROM ${KEYSPACE}.kairos_records WHERE place = ? AND kind = 'closing'`
    return (await client.execute(query, [tableName])).rows[0]?.record
  }
  const HOUR = 3_600_000
  /** As another process would leave it. */
  const putMark = (tableName: string, until: number) =>
    client.execute(
      `UPDATE ${KEYSPACE}.kairos_records SET record = ?, generation = 0 WHERE place = ? AND kind = 'closing' AND key = '' IF record != 'other'`,
      [JSON.stringify({ token: 'of another', until }), tableName],
      { prepare: true },
    )

  it('a write acknowledged while another process is about to replace its record stays, and so does the record', async () => {
    // On a busy machine a lease can end before the write begins, which then sees the mark; a longer one is tried.
    for (let lease = 1_500; ; lease *= 4) {
      const tableName = `race_${lease}`
      // Makes the table, which would take of the lease's time.
      await driverOf(tableName, lease).open(schemaOf(60))
      const began = performance.now()
      const { second, old } = await opened(tableName, lease)
      let settled = false
      const replacement = second.open(schemaOf(300), replacing(60, ALL)).finally(() => {
        settled = true
      })
      await expect.poll(async () => settled || (await mark(tableName)) !== undefined, WAITING).toBe(true)
      // Within its lease: it has not seen the mark.
      const written = write(old, cell(5, 7))
      if (performance.now() - began > lease) {
        await Promise.allSettled([written, replacement])
        continue
      }
      await written
      expect((await replacement).records.intervals.m).toBe(recordOf(60))
      expect(await mark(tableName)).toBeUndefined()
      expect(await read(old)).toEqual([expect.objectContaining({ bucket: 5, value: 7 })])
      return
    }
  })

  it('every call of a process that opened earlier is refused, and its writes leave nothing behind', async () => {
    const { second, old } = await opened('stale', 200)
    const { store, records } = await second.open(schemaOf(300), replacing(60))
    expect(records.intervals.m).toBe(recordOf(300))
    const query = { names: ['a'], interval: 'm', range: RANGE }
    const calls = [
      () => write(old, cell(5, 1)),
      () => old.store.read(query),
      () => old.store.bounds(query),
      () => old.store.names({ oldestLive: ALL, limit: 10 }),
      () => old.store.deleteRange(query),
      () => old.store.delete(null),
      () => old.store.fetch!(query, () => []),
      () => write(old, cell(5, 1)),
    ]
    for (const call of calls) await expect(call()).rejects.toMatchObject({ configChanged: true, retry: 'never' })
    expect(await store.names({ oldestLive: ALL, limit: 10 })).toEqual({ names: [] })
    const { old: strings } = await opened('stale_schema', 200)
    const driver = driverOf('stale_schema', 200)
    await driver.open(schemaOf(60, 'string'), { replace: strings.records, oldestLive: EMPTY })
    for (const call of [() => write(strings, cell(5, 1)), () => read(strings)])
      await expect(call()).rejects.toMatchObject({ configChanged: true })
  })

  it('a write that stalls between the look at the records and its answer is refused as well', async () => {
    const { second } = await opened('frozen', 200)
    let release: () => void = () => {}
    const frozen = new Promise<void>((resolve) => {
      release = resolve
    })
    let sent = false
    const slow: CassandraClientLike = {
      connect: () => client.connect(),
      shutdown: async () => {},
      batch: (queries, options) => client.batch(queries, options as object),
      async execute(query, params, options) {
        if (query.startsWith(`INSERT INTO "${KEYSPACE}"."frozen"`)) {
          sent = true
          await frozen
        }
        return client.execute(query, params, options as object)
      },
    }
    const old = await driverOf('frozen', 200, slow).open(schemaOf(60))
    const writing = write(old, cell(5, 7))
    writing.catch(() => {})
    await expect.poll(() => sent).toBe(true)
    const after = await second.open(schemaOf(300), replacing(60, ALL))
    expect(after.records.intervals.m).toBe(recordOf(300))
    release()
    await expect(writing).rejects.toMatchObject({ configChanged: true })
    expect(await read(after)).toEqual([])
  })

  it('a mark makes writers and openings wait, and is removed when it expires, if its process died', async () => {
    const { old, first } = await opened('died', 50)
    await putMark('died', Date.now() + HOUR)
    const reading = () =>
      read(old).then(
        () => 'read',
        ({ retry }) => retry,
      )
    await expect.poll(reading, { interval: 1 }).toBe('later')
    const rejection = { retry: 'later', notApplied: [cell(5, 1)], maybeApplied: [] }
    await expect(write(old, cell(5, 1))).rejects.toMatchObject(rejection)
    await putMark('died', Date.now() - HOUR)
    await write(old, cell(5, 1))
    expect(await mark('died')).toBeUndefined()
    await putMark('died', Date.now() + HOUR)
    let open = false
    const opening = first.open(schemaOf(60)).finally(() => {
      open = true
    })
    await expect.poll(reading, { interval: 1 }).toBe('later')
    expect(open).toBe(false)
    await putMark('died', Date.now() - HOUR)
    expect((await opening).records.intervals.m).toBe(recordOf(60))
    expect(await mark('died')).toBeUndefined()
  })

  it('a process that has lost its mark replaces nothing', async () => {
    const { second } = await opened('lost', 2_000)
    const replacement = second.open(schemaOf(300), replacing(60))
    await expect.poll(() => mark('lost'), WAITING).toBeDefined()
    await client.execute(
      `DELETE FROM ${KEYSPACE}.kairos_records WHERE place = 'lost' AND kind = 'closing' AND key = '' IF EXISTS`,
    )
    expect((await replacement).records.intervals.m).toBe(recordOf(60))
  })

  it("the table of a later valueType is not another driver's", async () => {
    const [heir, other] = [driverOf('heir', 20), driverOf('heir_1', 20)]
    const theirs = await other.open(schemaOf(60))
    await write(theirs, cell(5, 7))
    await heir.open(schemaOf(60, 'float'))
    const replace = { schema: schemaOf(60, 'float').record }
    const own = await heir.open(schemaOf(60), { replace, oldestLive: EMPTY })
    await write(own, cell(6, 8))
    expect(await read(own)).toEqual([expect.objectContaining({ bucket: 6, value: 8 })])
    await own.store.drop!(null)
    expect(await read(theirs)).toEqual([expect.objectContaining({ bucket: 5, value: 7 })])
  })
})
