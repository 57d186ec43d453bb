import type { Requests } from '../connection/requests.ts'
import type { OpenInterval } from './intervals.ts'
import { ANY_NAME } from './layout.ts'

/** Whether an interval has a cell from the bucket `oldest` on; by default, whether it has any. */
export async function holdsLiveCell(
  requests: Requests,
  interval: Pick<OpenInterval, 'key' | 'pack'>,
  oldest: number = Number.MIN_SAFE_INTEGER,
): Promise<boolean> {
  for (const filter of liveFilters(interval, oldest)) {
    if ((await requests.findOne(filter, { projection: { _id: 1 } })) !== null) return true
  }
  return false
}

/** Filters for the documents with a cell from `oldest` on: those whose buckets are all live, and the one in which the live buckets begin. */
export function liveFilters({ key, pack }: Pick<OpenInterval, 'key' | 'pack'>, oldest: number): object[] {
  const i = Math.floor(oldest / pack)
  const offset = oldest - i * pack
  const whole = { name: ANY_NAME, interval: key, i: { $gte: offset === 0 ? i : i + 1 } }
  if (offset === 0) return [whole]
  const live = Array.from({ length: pack - offset }, (_, index) => ({ [`b.${offset + index}`]: { $exists: true } }))
  return [whole, { name: ANY_NAME, interval: key, i, $or: live }]
}
