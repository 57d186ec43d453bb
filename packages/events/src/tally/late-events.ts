import { describe } from '@kairos/core/driver'
import { invalidOption } from '../checks/errors.ts'
import { checkCount, checkRecord } from '../checks/options.ts'
import { EARLIEST_TIME, keyToTime, parseId } from '../event/keys.ts'
import { later, toEventTicks, toIso } from '../event/time.ts'
import type { StreamSource } from './stream-source.ts'
import type { TallyResult } from './types.ts'

/** Counts the events that arrived behind the previous tally's cursor, and those before this tally's, for the next one to compare with. */
export async function countLate(
  source: StreamSource | undefined,
  previous: TallyResult | null | undefined,
  horizon: bigint,
  watch: bigint,
): Promise<Pick<TallyResult, 'late' | 'since' | 'count'>> {
  if (previous !== undefined && previous !== null) checkPrevious(previous, source)
  if (source?.count === undefined || watch === 0n) return { late: null, since: null, count: null }
  const { after } = source
  const until = after === null ? horizon : keyToTime(parseId(after, 'after'))
  const since = later(until - watch, EARLIEST_TIME)
  let late: number | null = null
  if (typeof previous?.cursor === 'string' && previous.since !== null && previous.count !== null) {
    const present = await source.count(toEventTicks(previous.since, 'previous.since'), previous.cursor)
    late = Math.max(0, present - previous.count)
  }
  return { late, since: toIso(since), count: after === null ? 0 : await source.count(since, after) }
}

/** A tally that begins anywhere but at the end of the previous one would report the wrong events as late. */
function checkPrevious(previous: TallyResult, source: StreamSource | undefined): void {
  checkRecord(previous, 'previous')
  const { cursor, since, count } = previous
  if (cursor !== null) parseId(cursor, 'previous.cursor')
  if (since !== null && typeof since !== 'string') {
    throw invalidOption({ path: 'previous.since', expected: 'a time as ISO text, or null', value: since })
  }
  if (count !== null) checkCount(count, 'previous.count')
  if (source === undefined || source.after === cursor) return
  throw invalidOption({
    path: 'previous',
    expected: `the result of the tally that ended at ${describe(source.after)}, where this one begins`,
    found: `of one that ended at ${describe(cursor)}`,
  })
}
