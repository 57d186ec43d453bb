import { afterEach, expect, it, vi } from 'vitest'
import { memoryDriver } from '../src/index.ts'
import { createAny } from './support/any-timeseries.ts'
import { failureOf } from './support/failure.ts'
import { watchedDriver } from './support/watched-driver.ts'

const config = { type: 'count', intervals: { minute: { step: 60 } }, now: () => 0 }
const never = (): Promise<never> => new Promise(() => {})
const FAKED = { toFake: ['setTimeout', 'clearTimeout', 'performance'] } as const

afterEach(() => {
  vi.useRealTimers()
})

async function opened(answer: () => Promise<never>) {
  const counts = createAny(watchedDriver(answer).driver, config)
  await counts.open()
  return counts
}

it('many calls share one timer, and none is left when all have answered', async () => {
  const counts = createAny(memoryDriver(), config)
  await counts.insert('a')
  vi.useFakeTimers({ toFake: [...FAKED.toFake] })
  await Promise.all(Array.from({ length: 100 }, () => counts.insert('a')))
  expect(vi.getTimerCount()).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(vi.getTimerCount()).toBe(0)
})

it('a shorter patience ends before a longer one that began earlier', async () => {
  const counts = await opened(never)
  await failureOf(() => counts.get('a', 'minute', { patience: 1 }), 'KAIROS_STORE_FAILED')
  vi.useFakeTimers({ toFake: [...FAKED.toFake] })
  const ends: number[] = []
  const calls = [500, 100, 300].map((patience) =>
    failureOf(() => counts.get('a', 'minute', { patience }), 'KAIROS_STORE_FAILED').then(() => ends.push(patience)),
  )
  await vi.advanceTimersByTimeAsync(100)
  expect(ends).toEqual([100])
  await vi.advanceTimersByTimeAsync(400)
  await Promise.all(calls)
  expect(ends).toEqual([100, 300, 500])
})

it('a call ends by the clock that it began with, although the clock is swapped', async () => {
  const counts = await opened(never)
  const real = failureOf(() => counts.get('a', 'minute', { patience: 30 }), 'KAIROS_STORE_FAILED')
  // In a later turn of the event loop, its timer is set.
  await new Promise((resolve) => setTimeout(resolve, 5))
  vi.useFakeTimers({ toFake: [...FAKED.toFake] })
  const faked = failureOf(() => counts.get('a', 'minute', { patience: 1_000 }), 'KAIROS_STORE_FAILED')
  await real
  await vi.advanceTimersByTimeAsync(1_000)
  await faked
})
