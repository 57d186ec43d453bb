import { invalidOption } from '../checks/errors.ts'
import { isEventTime } from './time.ts'

/** Ticks of the system's clock, which counts milliseconds. */
export function systemTicks(): bigint {
  return BigInt(Date.now()) * 10_000n
}

/**
 * A clock that checks every answer of `now`: milliseconds, or a number, would silently be a different time.
 * @throws KAIROS_INVALID_CONFIG when it is called
 */
export function checkedClock(now: () => bigint): () => bigint {
  return () => {
    const ticks: unknown = now()
    if (typeof ticks === 'bigint' && isEventTime(ticks)) return ticks
    throw invalidOption({
      path: 'now()',
      expected: 'ticks of 100 ns since 1970 as a bigint',
      value: ticks,
      remedy: 'toTicks(new Date()) is',
      details: { path: 'now' },
    })
  }
}
