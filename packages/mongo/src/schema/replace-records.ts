import type { OpenOptions, StoreSchema, TimeseriesType } from '@kairos/core/driver'
import type { Requests } from '../connection/requests.ts'
import { deleteDocuments } from '../documents/delete-documents.ts'
import { ANY_NAME } from '../documents/layout.ts'
import { holdsLiveCell } from '../documents/live-cells.ts'
import { type RecordsContext, unmarked } from './closing.ts'
import { putRecords, type RecordedInterval, type RecordsDocument, withReplaced } from './records.ts'
import { swapRecords } from './swap-records.ts'

/** The recorded intervals that `replace` names as they are recorded; with another schema, all intervals. */
export function replaceable(
  records: RecordsDocument,
  schema: StoreSchema<TimeseriesType>,
  { replace = {} }: OpenOptions,
): readonly RecordedInterval[] {
  if (records.schema !== schema.record) return records.schema === replace.schema ? records.intervals : []
  return records.intervals.filter(
    ({ name, record }) => record === replace.intervals?.[name] && schema.intervals[name]?.record !== record,
  )
}

/**
 * Replaces those of the intervals that hold no live cell. Null where another process has changed the records meanwhile: it may have written since.
 */
export function replaceRecords(
  context: RecordsContext,
  schema: StoreSchema<TimeseriesType>,
  { oldestLive = {}, signal }: OpenOptions,
  records: RecordsDocument,
  intervals: readonly RecordedInterval[],
): Promise<RecordsDocument | null> {
  return swapRecords(context, records, signal, async (marked) => {
    const empty: RecordedInterval[] = []
    for (const interval of intervals) {
      if (!(await holdsLiveCell(context.requests, interval, oldestLive[interval.name]))) empty.push(interval)
    }
    const allowed = marked.schema === schema.record || empty.length === intervals.length
    return allowed && empty.length > 0 ? withReplaced(marked, schema, empty) : unmarked(marked)
  })
}

/** Deletes the data of replaced intervals. If the process dies midway, the next one to open finishes the job. */
export async function deleteDiscarded(requests: Requests, records: RecordsDocument): Promise<RecordsDocument> {
  if (records.discarded.length === 0) return records
  await deleteDocuments(requests, { name: ANY_NAME, interval: { $in: records.discarded } })
  const cleaned = { ...records, version: records.version + 1, discarded: [] }
  return (await putRecords(requests, records, cleaned)) ? cleaned : records
}
