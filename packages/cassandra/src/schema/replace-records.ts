import { type OldestLive, outlastLeases, pause } from '@kairos/core/driver'
import type { ServerClock } from '../connection/server-clock.ts'
import { ClosingMark } from './closing.ts'
import type { Exchange, Records } from './records.ts'

/** A record to replace, and the cells it covers. */
export interface Replacement {
  readonly exchange: Exchange
  /** The first live bucket of each interval. */
  readonly oldestLive: OldestLive
}

/** Where records are replaced, and for how long processes may rely on them. */
interface ReplacingContext {
  readonly records: Records
  readonly clock: ServerClock
  /** Both in milliseconds. */
  readonly lease: number
  readonly timeout: number
}

/** Whether there is a live cell in any of these intervals, by every write that was acknowledged. */
type HasLiveCells = (oldestLive: OldestLive) => Promise<boolean>

/**
 * Replaces those of these records that are still as they were read and cover no live cell; resolves to the ones replaced. It first sets a mark and
 * waits for the leases of all processes that may not have seen it. Then it looks for live cells: it finds every write that was acknowledged by then,
 * and later writes are refused. If the first look already finds live cells, no process is kept waiting.
 * @throws StoreFailure
 */
export async function replaceRecords(
  { records, clock, lease, timeout }: ReplacingContext,
  replacements: readonly Replacement[],
  hasLiveCells: HasLiveCells,
  signal: AbortSignal | undefined,
): Promise<readonly Exchange[]> {
  if ((await withoutLiveCells(replacements, hasLiveCells)).length === 0) return []
  const mark = await ClosingMark.put(records, clock, lease + timeout)
  if (mark === null) return []
  try {
    await outlastLeases(lease, signal)
    const looking = withoutLiveCells(replacements, hasLiveCells)
    while (!(await isSettled(looking, timeout / 2))) await mark.renew()
    const exchanges = (await looking).map(({ exchange }) => exchange)
    if (exchanges.length > 0 && (await mark.exchange(exchanges))) return exchanges
  } catch (error) {
    // If that fails as well, another process removes the mark when it has expired.
    await mark.remove().catch(() => {})
    throw error
  }
  await mark.remove()
  return []
}

async function withoutLiveCells(
  replacements: readonly Replacement[],
  hasLiveCells: HasLiveCells,
): Promise<Replacement[]> {
  const found: Replacement[] = []
  for (const replacement of replacements) if (!(await hasLiveCells(replacement.oldestLive))) found.push(replacement)
  return found
}

/** Waits at most `milliseconds`; resolves to whether the promise has settled. */
async function isSettled(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const timer = new AbortController()
  const settled = promise.then(
    () => true,
    () => true,
  )
  const elapsed = pause(milliseconds, timer.signal).then(
    () => false,
    () => false,
  )
  return Promise.race([settled, elapsed]).finally(() => timer.abort())
}
