import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTimeseries, memoryDriver } from '../src/index.ts'
import { createAny } from './support/any-timeseries.ts'
import { failureOf } from './support/failure.ts'
import { faultyDriver } from './support/faulty-driver.ts'

const config = { type: 'count', intervals: { minute: { step: 60 } }, now: () => 0 } as const

afterEach(() => vi.useRealTimers())

describe('close', () => {
  it('ends an opening that all who waited for it have abandoned', async () => {
    // What a first call loads is loaded before time is frozen.
    await createTimeseries(memoryDriver(), config).insert('a')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    let attempts = 0
    const driver = {
      ...memoryDriver(),
      open: async () => {
        attempts++
        throw Object.assign(new Error('not yet'), { retry: 'later' })
      },
    }
    const counts = createTimeseries(driver, config)
    const controller = new AbortController()
    const abandoned = failureOf(() => counts.insert('a', 1, { signal: controller.signal }), 'KAIROS_ABORTED')
    await vi.advanceTimersByTimeAsync(20)
    controller.abort()
    await abandoned
    await counts.close()
    const before = attempts
    expect(before).toBeGreaterThan(0)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(attempts).toBe(before)
  })

  it('waits for calls in flight, refuses new ones, and may be called twice', async () => {
    const driver = faultyDriver()
    const counts = createAny(driver, config)
    let done = false
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    driver.faults.push(async ({ cells }, write) => {
      begun.resolve()
      await gate.promise
      await write(cells)
      done = true
    })
    const insert = counts.insert('a')
    await begun.promise
    const closing = counts.close()
    for (const call of [
      () => counts.open(),
      () => counts.insert('a'),
      () => counts.bulkInsert([]),
      () => counts.get('a', 'minute'),
      () => counts.series('a', 'minute'),
      () => counts.iterate('a', 'minute').next(),
      () => counts.list(),
      () => counts.properties('a'),
      () => counts.delete('a'),
      () => counts.deleteAll(),
      () => counts.expire(),
    ]) {
      expect((await failureOf(call, 'KAIROS_CLOSED')).driver).toBe('faulty')
    }
    expect(done).toBe(false)
    gate.resolve()
    await closing
    expect(done).toBe(true)
    expect(await insert).toEqual({ stored: 1, expired: 0 })
    await counts.close()
  })

  it('is what `await using` does', async () => {
    const driver = memoryDriver()
    let outside: { list(): Promise<string[]> }
    {
      await using counts = createTimeseries(driver, config)
      await counts.insert('a')
      outside = counts
    }
    await failureOf(() => outside.list(), 'KAIROS_CLOSED')
  })

  it('also where a call in flight fails', async () => {
    const driver = faultyDriver()
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    driver.faults.push(async () => {
      begun.resolve()
      await gate.promise
      throw new Error('down')
    })
    const counts = createAny(driver, config)
    const insert = failureOf(() => counts.insert('a'), 'KAIROS_STORE_FAILED')
    await begun.promise
    const closing = counts.close()
    gate.resolve()
    await Promise.all([insert, closing])
  })
})

it('its functions may be taken off it', async () => {
  const { insert, get } = createTimeseries('memory:', config)
  await insert('a')
  expect(await get('a', 'minute')).toEqual(new Map([[0, 1]]))
})
