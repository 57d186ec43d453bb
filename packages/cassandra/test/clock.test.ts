import { afterEach, describe, expect, it, vi } from 'vitest'
import { ServerClock, systemNow } from '../src/connection/server-clock.ts'

/** The clock of a server that is `ahead` milliseconds ahead of this machine. */
function clockOf(ahead: number): ServerClock {
  return new ServerClock({ firstRow: async () => ({ now: Math.floor(Date.now() + ahead) }) } as never)
}

describe('the clock', () => {
  afterEach(() => vi.restoreAllMocks())

  it('stays within the millisecond that the system shows, so that processes of one machine agree', () => {
    const shows = Date.now.bind(Date)
    for (const step of [0, 1.6, -1.6, 60_000, 0]) {
      vi.spyOn(Date, 'now').mockImplementation(() => Math.floor(performance.timeOrigin + performance.now() + step))
      for (let sample = 0; sample < 1_000; sample++) {
        const before = Date.now()
        const now = systemNow()
        expect(now).toBeGreaterThanOrEqual(before)
        expect(now).toBeLessThan(Date.now() + 1)
      }
    }
    vi.restoreAllMocks()
    expect(Math.abs(systemNow() - shows())).toBeLessThan(1.001)
  })

  it('is corrected only if it differs from the servers by more than 5 ms; timestamps of all drivers ascend', async () => {
    const clocks = [clockOf(3), clockOf(-3), clockOf(5_000)]
    await Promise.all(clocks.map((clock) => clock.ready()))
    const [near, nearer, far] = clocks.map((clock) => clock.now() - systemNow())
    expect(Math.abs(near! - nearer!)).toBeLessThan(1)
    expect(far).toBeGreaterThan(4_900)
    const ticks = Array.from({ length: 300 }, (_, index) => clocks[index % 3]!.tick())
    expect(ticks).toEqual([...ticks].sort((a, b) => a - b))
    expect(new Set(ticks).size).toBe(300)
    // A delete by one client covers what was acknowledged to the other.
    expect(clocks[0]!.uncertainty).toBeGreaterThanOrEqual(10)
  })
})
