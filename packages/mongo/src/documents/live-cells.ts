import type { Requests } from '../connection/requests.ts'
import type { OpenInterval } from './intervals.ts'
import { ANY_NAME, type HeadsOnly } from './layout.ts'

/** Whether an interval has a cell from the bucket `oldest` on; by default, whether it has any, of all names. */
export async function holdsLiveCell(
  requests: Requests,
  interval: Pick<OpenInterval, 'key' | 'pack'>,
  oldest: number = Number.MIN_SAFE_INTEGER,
  name: string | object = ANY_NAME,
  more: HeadsOnly = {},
): Promise<boolean> {
  const whole = { name, interval: interval.key, i: { $gte: liveFrom(interval, oldest).whole } }
  for (const filter of [whole, partlyLiveFilter(interval, oldest, name)]) {
    if (filter !== null && (await requests.findOne({ ...filter, ...more }, { projection: { _id: 1 } })) !== null)
      return true
  }
  return false
}

/** From which `i` on all buckets of documents are live, and the `i` of those in which the live buckets begin; null: none. */
export function liveFrom(
  { pack }: Pick<OpenInterval, 'pack'>,
  oldest: number,
): { readonly whole: number; readonly partly: number | null } {
  const i = Math.floor(oldest / pack)
  return i * pack === oldest ? { whole: i, partly: null } : { whole: i + 1, partly: i }
}

/** Matches the documents in which the live buckets begin, if they hold one; null: there are no such documents. */
export function partlyLiveFilter(
  { key, pack }: Pick<OpenInterval, 'key' | 'pack'>,
  oldest: number,
  name: string | object,
): object | null {
  const { partly } = liveFrom({ pack }, oldest)
  if (partly === null) return null
  const offset = oldest - partly * pack
  const live = Array.from({ length: pack - offset }, (_, index) => ({ [`b.${offset + index}`]: { $exists: true } }))
  return { name, interval: key, i: partly, $or: live }
}
