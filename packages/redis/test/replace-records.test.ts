import { createTimeseries, KairosError } from '@kairos/core'
import type { CellStore, StorageDriver, StoreFailure } from '@kairos/core/driver'
import { startFaultProxy } from '@kairos/driver-tests'
import { afterAll, beforeEach, describe, expect, it as test } from 'vitest'
import { redisDriver } from '../src/index.ts'
import { stateScript } from '../src/scripts/records.ts'
import { writeScripts } from '../src/scripts/write.ts'
import { careful, nodesOf, REDIS_URL } from './clients.ts'

const it = test.skipIf(REDIS_URL === undefined)
const redis = REDIS_URL === undefined ? (undefined as never) : careful(REDIS_URL)
let prefix = ''
let tests = 0
beforeEach(() => {
  prefix = `replace-${process.pid}-${tests++}:`
})
afterAll(async () => {
  if (REDIS_URL === undefined) return
  const keys = await redis.keys(`replace-${process.pid}-*`)
  if (keys.length > 0) await redis.unlink(keys)
  redis.disconnect()
})

const LEASE = 50
const schemaKey = () => `${prefix}count:schema`
const driver = (lease = LEASE) => redisDriver(redis, { prefix, lease })
const counts = (step: number, store: StorageDriver = driver()) =>
  createTimeseries(store, { type: 'count', intervals: { slot: { step, steps: 10 } } })
const shape = { hasResolution: false, fanOut: 1, resolutionRange: () => ({ first: 0, last: 0 }), expiresAt: () => null }
const schemaOf = (record: string, intervals: readonly string[] = ['slot']) => ({
  type: 'count' as const,
  valueType: 'float',
  record: 'counts',
  facts: '{}',
  intervals: Object.fromEntries(intervals.map((interval) => [interval, { ...shape, record, facts: '{}' }])),
})
const cell = (bucket: number) => ({ name: 'a', interval: 'slot', bucket, resolutionBucket: 0, change: 1 })
const query = { names: ['a'], interval: 'slot', range: { first: 0, last: 1_000 } }
const old = { intervals: { slot: 'old' } }

describe('records that are replaced', () => {
  it('a process that opened before is refused, whatever it calls', async () => {
    const [stale, young] = [counts(60), counts(300)]
    await stale.open()
    await young.open()
    await young.insert('a', 5)
    // Its lease has ended, since the other process has waited for that.
    const calls = [
      () => stale.insert('a'),
      () => stale.get('a', 'slot'),
      () => stale.list(),
      () => stale.properties('a'),
      () => stale.delete('a'),
      () => stale.insert('a', 1, { pipeline: redis.pipeline() } as never),
    ]
    for (const call of calls) {
      const error = await call().then(
        () => null,
        (reason: unknown) => reason,
      )
      expect(KairosError.is(error) && error.code).toBe('KAIROS_CONFIG_CHANGED')
    }
    expect([...(await young.get('a', 'slot')).values()]).toEqual([5])
  })

  it('a live cell keeps its record, a dead one does not', async () => {
    const { store } = await driver().open(schemaOf('old'))
    await store.write({ cells: [cell(5)], oldestLive: { slot: 0 } })
    const kept = await driver().open(schemaOf('new'), { replace: old, oldestLive: { slot: 5 } })
    expect(kept.records.intervals).toMatchObject({ slot: 'old' })
    expect(await store.read(query)).toHaveLength(1)
    const swapped = await driver().open(schemaOf('new'), { replace: old, oldestLive: { slot: 6 } })
    expect(swapped.records.intervals).toMatchObject({ slot: 'new' })
    expect(await swapped.store.read(query)).toEqual([])
    expect(await redis.keys(`${prefix}*slot:a*`)).toEqual([])
  })

  it('a write that is acknowledged meanwhile is not lost', async () => {
    const { store } = await driver().open(schemaOf('old'))
    let acknowledged = 0
    let replaced = false
    const writer = async (): Promise<void> => {
      while (!replaced) {
        const failure: StoreFailure | null = await store.write({ cells: [cell(5)], oldestLive: { slot: 0 } }).then(
          () => null,
          (reason) => reason,
        )
        if (failure === null) acknowledged++
        else expect(failure.retry).toBe('later')
      }
    }
    const writing = writer()
    const opened = await driver().open(schemaOf('new'), { replace: old, oldestLive: { slot: 0 } })
    replaced = true
    await writing
    expect(opened.records.intervals).toMatchObject({ slot: 'old' })
    expect(acknowledged).toBeGreaterThan(0)
    expect(await store.read(query)).toMatchObject([{ value: acknowledged }])
  })

  it('a write or a read that stalls in the network until its record was replaced is refused', async () => {
    let fault: 'hold-request' | 'hold-reply' | null = null
    // Not a look at the records.
    const holds = (data: Uint8Array) => {
      const text = Buffer.from(data).toString('latin1')
      return /eval/i.test(text.slice(0, 200)) && !text.includes(stateScript.sha) && !text.includes("'standing'")
    }
    const proxy = await startFaultProxy({
      target: nodesOf(REDIS_URL!)[0]!,
      decide: (data) => (holds(data) ? fault : null),
    })
    const slow = redisDriver(`redis://${proxy.host}:${proxy.port}`, { prefix, lease: LEASE })
    let record = 'old'
    const stalled = async (kind: 'hold-request' | 'hold-reply', call: (store: CellStore) => Promise<unknown>) => {
      const { store } = await slow.open(schemaOf(record))
      const held = proxy.faults[kind]
      fault = kind
      const answer = call(store)
      answer.catch(() => {})
      await expect.poll(() => proxy.faults[kind], { interval: 5 }).toBe(held + 1)
      fault = null
      const replace = { intervals: { slot: record } }
      record += '+'
      const after = await driver().open(schemaOf(record), { replace, oldestLive: { slot: 0 } })
      expect(after.records.intervals).toMatchObject({ slot: record })
      proxy.release()
      await expect(answer).rejects.toMatchObject({ configChanged: true, retry: 'never' })
      expect(await after.store.read(query)).toEqual([])
      return answer.catch((error: unknown) => error)
    }
    // The server has the script, so that what is held is the write itself.
    await redis.script('LOAD', writeScripts.count.text)
    const batch = { cells: [cell(5)], oldestLive: { slot: 0 } }
    expect(await stalled('hold-request', (store) => store.write(batch))).toMatchObject({
      ...{ notApplied: [], maybeApplied: batch.cells },
    })
    expect(await stalled('hold-request', (store) => store.write({ ...batch, id: 'key:held' }))).toMatchObject({
      ...{ notApplied: [], maybeApplied: batch.cells },
    })
    await stalled('hold-reply', (store) => store.read(query))
    await stalled('hold-request', (store) => store.delete(['a']))
    await slow.close()
    await proxy.close()
  })

  it('a process that opens meanwhile waits, and there is one mark at a time', async () => {
    await driver().open(schemaOf('old'))
    const opened = await Promise.all(
      ['one', 'two', 'three'].map((record) =>
        driver().open(schemaOf(record), { replace: old, oldestLive: { slot: 0 } }),
      ),
    )
    const records = new Set(opened.map(({ records }) => records.intervals.slot))
    expect(records.size).toBe(1)
    expect(records).not.toContain('old')
  })

  it('the mark of a process that died expires, and its swap comes too late', async () => {
    const { store } = await driver().open(schemaOf('old'))
    const [seconds] = (await redis.time()) as unknown as [string]
    await redis.hset(schemaKey(), { closing: `dead ${Number(seconds) * 1000 + 600_000}`, 'closing:slot': '' })
    await expect.poll(() => store.read(query).then(String, (reason: StoreFailure) => reason.retry)).toBe('later')
    await redis.hset(schemaKey(), 'closing', 'dead 1')
    expect(await store.read(query)).toEqual([])
    const opened = await driver().open(schemaOf('new'), { replace: old, oldestLive: { slot: 0 } })
    expect(opened.records.intervals).toMatchObject({ slot: 'new' })
    expect(Object.keys(await redis.hgetall(schemaKey())).filter((field) => field.startsWith('closing'))).toEqual([])
  })

  it('other intervals can be written all the time', async () => {
    const { store } = await driver().open(schemaOf('old', ['other']))
    await driver().open(schemaOf('old'))
    const replacing = driver().open(schemaOf('new'), { replace: old, oldestLive: { slot: 0 } })
    let replaced = false
    replacing.finally(() => {
      replaced = true
    })
    while (!replaced) await store.write({ cells: [{ ...cell(5), interval: 'other' }], oldestLive: { other: 0 } })
  })

  it('records that a flush has removed are restored', async () => {
    const { store } = await driver().open(schemaOf('old'))
    await redis.unlink(schemaKey())
    await expect.poll(() => store.read(query).then(() => redis.exists(schemaKey()))).toBe(1)
    await store.write({ cells: [cell(5)], oldestLive: { slot: 0 } })
    const again = await driver().open(schemaOf('old'))
    expect(again.records.intervals).toMatchObject({ slot: 'old' })
    expect(await again.store.read(query)).toHaveLength(1)
  })

  it("reports the server's clock", async () => {
    const { clock } = await driver().open(schemaOf('old'))
    const [seconds] = (await redis.time()) as unknown as [string]
    expect(clock).toBeGreaterThan(Number(seconds) - 60)
    expect(clock).toBeLessThan(Number(seconds) + 1)
  })
})
