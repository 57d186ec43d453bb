import type { EventStorage, KeyRange } from '@kairos/core/driver'
import { remainingRange } from '../event/key-range.ts'

/** The bounds of one page: enough events to need few calls, few enough to keep many readers in memory. */
export const PAGE = { limit: 1_000, maxLength: 1_000_000 } as const

/**
 * The key of the event with `index` events of the range before it, or null if there are not that many. A driver without a `keyAt` of its own reads
 * its way there page by page.
 */
export async function keyAt(
  storage: EventStorage,
  stream: string,
  range: KeyRange,
  index: number,
  options: { signal?: AbortSignal },
): Promise<string | null> {
  if (storage.keyAt !== undefined) return storage.keyAt(stream, range, index, options)
  let [rest, before] = [range, index]
  for (;;) {
    const query = { ...rest, order: 'ascending', ...PAGE } as const
    const { events, done } = await storage.read(stream, query, options)
    if (before < events.length) return events[before]!.key
    if (done) return null
    before -= events.length
    rest = remainingRange(rest, events, 'ascending')
  }
}
