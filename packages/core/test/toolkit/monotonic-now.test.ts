import { afterEach, expect, it, vi } from 'vitest'
import { monotonicNow } from '../../src/toolkit/monotonic-now.ts'

afterEach(() => {
  vi.useRealTimers()
})

it('continues under fake timers, and whatever the time of day is set to', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] })
  const before = monotonicNow()
  vi.setSystemTime(0)
  await new Promise((resolve) => setImmediate(resolve))
  expect(monotonicNow()).toBeGreaterThan(before)
  expect(monotonicNow() - before).toBeLessThan(60_000)
})
