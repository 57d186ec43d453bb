import { type OpenOptions, outlastLeases, type StoreSchema } from '@kairos/core/driver'
import type { Requests } from '../connection/requests.ts'
import { deleteDocuments } from '../documents/delete-documents.ts'
import { ANY_NAME } from '../documents/layout.ts'
import { holdsLiveCell } from '../documents/live-cells.ts'
import { closingBy, type RecordsContext, unmarked } from './closing.ts'
import { putRecords, type RecordedInterval, type RecordsDocument, withReplaced } from './records.ts'

/** The recorded intervals that `replace` names as they are recorded; with another schema, all intervals. */
export function replaceable(
  records: RecordsDocument,
  schema: StoreSchema,
  { replace = {} }: OpenOptions,
): readonly RecordedInterval[] {
  if (records.schema !== schema.record) return records.schema === replace.schema ? records.intervals : []
  return records.intervals.filter(
    ({ name, record }) => record === replace.intervals?.[name] && schema.intervals[name]?.record !== record,
  )
}

/**
 * Replaces those of the intervals that hold no live cell: marks the records, waits for all leases to run out, looks, and swaps. Null where another
 * process has changed the records meanwhile: it may have written since.
 */
export async function replaceRecords(
  context: RecordsContext,
  schema: StoreSchema,
  options: OpenOptions,
  records: RecordsDocument,
  intervals: readonly RecordedInterval[],
): Promise<RecordsDocument | null> {
  const { requests, lease } = context
  const closing = closingBy(await context.clock(), lease)
  const marked = { ...records, version: records.version + 1, closing }
  if (!(await putRecords(requests, records, marked))) return null
  const wanted = await replaced(context, schema, options, marked, intervals)
  // Fails if the mark was removed, or the server has lost it.
  return (await putRecords(requests, marked, wanted)) ? wanted : null
}

/** Waits until no writer relies on the old records, and returns what they become: without the mark in any case. */
async function replaced(
  { requests, lease }: RecordsContext,
  schema: StoreSchema,
  { oldestLive = {}, signal }: OpenOptions,
  marked: RecordsDocument,
  intervals: readonly RecordedInterval[],
): Promise<RecordsDocument> {
  try {
    await outlastLeases(lease, signal)
    const empty: RecordedInterval[] = []
    for (const interval of intervals) {
      if (!(await holdsLiveCell(requests, interval, oldestLive[interval.name]))) empty.push(interval)
    }
    const allowed = marked.schema === schema.record || empty.length === intervals.length
    return allowed && empty.length > 0 ? withReplaced(marked, schema, empty) : unmarked(marked)
  } catch (error) {
    await putRecords(requests, marked, unmarked(marked)).catch(() => {})
    throw error
  }
}

/** Deletes the data of replaced intervals. If the process dies midway, the next one to open finishes the job. */
export async function deleteDiscarded(requests: Requests, records: RecordsDocument): Promise<RecordsDocument> {
  if (records.discarded.length === 0) return records
  await deleteDocuments(requests, { name: ANY_NAME, interval: { $in: records.discarded } })
  await putRecords(requests, records, { ...records, version: records.version + 1, discarded: [] })
  return records
}
