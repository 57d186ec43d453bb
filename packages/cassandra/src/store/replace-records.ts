import { type OldestLive, outlastLeases, pause } from '@kairos/core/driver'
import type { CassandraSettings } from '../options.ts'
import { ClosingMark } from '../schema/closing.ts'
import type { Exchange, Records } from '../schema/records.ts'
import type { StoreContext } from './context.ts'
import { namesWithData } from './names-and-bounds.ts'

/** A record that is to be replaced, and the cells that it covers. */
export interface Replacement {
  readonly exchange: Exchange
  /** From which bucket on the cells of each interval are live. */
  readonly oldestLive: OldestLive
}

/**
 * Replaces those of these records that stand as they were seen and cover no live cell, and gives which were. The place is marked first, and the
 * leases are waited out by which other processes write without having seen the mark: what they were told is stored is found by the look that
 * follows, and what they write after it is refused. Where a live cell is found at once, nobody is kept waiting.
 */
export async function replaceRecords(
  context: StoreContext,
  records: Records,
  { lease, timeout }: CassandraSettings,
  replacements: readonly Replacement[],
  signal: AbortSignal | undefined,
): Promise<readonly Exchange[]> {
  if ((await withoutLiveCells(context, replacements)).length === 0) return []
  const mark = await ClosingMark.put(records, context.clock, lease + timeout)
  if (mark === null) return []
  try {
    await outlastLeases(lease, signal)
    const looking = withoutLiveCells(context, replacements)
    while (!(await isSettled(looking, timeout / 2))) await mark.renew()
    const exchanges = (await looking).map(({ exchange }) => exchange)
    if (exchanges.length > 0 && (await mark.exchange(exchanges))) return exchanges
  } catch (error) {
    // Left to others, who remove it when its time is over, where that fails as well.
    await mark.remove().catch(() => {})
    throw error
  }
  await mark.remove()
  return []
}

async function withoutLiveCells(context: StoreContext, replacements: readonly Replacement[]): Promise<Replacement[]> {
  const found: Replacement[] = []
  for (const replacement of replacements) {
    const live = await namesWithData(context, replacement.oldestLive, 1)
    if (live.length === 0) found.push(replacement)
  }
  return found
}

/** Whether it has come to something, when so many milliseconds have passed at most. */
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
