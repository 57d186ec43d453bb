import { configChangedFailure, pause, type StoreSchema, type TimeseriesType } from '@kairos/core/driver'
import { closingBy, endClosing, LOOK_AGAIN, type RecordsContext } from './closing.ts'
import { isCurrent } from './record-state.ts'
import { findRecords, putRecords, type RecordsDocument, withoutInterval } from './records.ts'
import { deleteDiscarded } from './replace-records.ts'
import { swapRecords } from './swap-records.ts'

/**
 * Drops an interval, or with null all of a timeseries, once no process relies on its records any more: those that have it open are refused from then
 * on. Whatever a call that failed has left may be called again.
 */
export type Drop = (interval: string | null, signal: AbortSignal | undefined) => Promise<void>

export function createDrop(
  context: RecordsContext,
  opened: RecordsDocument,
  schema: StoreSchema<TimeseriesType>,
): Drop {
  /** What this store made of the records when it dropped all of them. */
  let ending: RecordsDocument | undefined

  /** Swaps the records, as often as another process comes in between. */
  async function swap(
    signal: AbortSignal | undefined,
    become: (records: RecordsDocument) => Promise<RecordsDocument> | RecordsDocument,
  ): Promise<RecordsDocument> {
    for (;;) {
      signal?.throwIfAborted()
      const current = await findRecords(context.requests)
      if (current?.closing) {
        if (!(await endClosing(context, current))) await pause(LOOK_AGAIN, signal)
        continue
      }
      // A swap of this store whose answer was lost.
      if (current?.dropped && current.id === opened.id) return current
      if (current === null || !isCurrent(current, opened, schema)) throw configChangedFailure()
      const swapped = await swapRecords(context, current, signal, become)
      if (swapped !== null) return swapped
    }
  }

  return async (interval, signal) => {
    if (interval === null) {
      ending ??= await swap(signal, (records) => dropped(context, records))
      // Called again, it may find that all is done.
      const current = await findRecords(context.requests)
      const marked = current?.id === ending.id ? await markDropped(context, ending) : null
      if (marked === null) return
      ending = marked
      await context.requests.drop()
    } else {
      await deleteDiscarded(context.requests, await swap(signal, (records) => withoutInterval(records, interval)))
    }
  }
}

/** Still marked, so that no process opens it before the collection is gone. */
async function dropped({ clock, lease }: RecordsContext, records: RecordsDocument): Promise<RecordsDocument> {
  const discarded = [...records.discarded, ...records.intervals.map(({ key }) => key)]
  const closing = closingBy(await clock(), lease)
  return { ...records, version: records.version + 1, intervals: [], discarded, closing, dropped: true }
}

/**
 * Before each request to drop the collection of such records, since it may be in use again by the time that an older mark has ended. Null where
 * another process has come first.
 */
export async function markDropped(
  { requests, clock, lease }: RecordsContext,
  records: RecordsDocument,
): Promise<RecordsDocument | null> {
  const marked = { ...records, version: records.version + 1, closing: closingBy(await clock(), lease) }
  return (await putRecords(requests, records, marked)) ? marked : null
}
