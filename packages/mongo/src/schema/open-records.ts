import { type OpenOptions, pause, type StoreSchema } from '@kairos/core/driver'
import { endClosing, type RecordsContext } from './closing.ts'
import { findRecords, firstRecords, putRecords, type RecordsDocument, withNewIntervals } from './records.ts'
import { deleteDiscarded, replaceable, replaceRecords } from './replace-records.ts'

/** How often an opening process looks whether another one has finished replacing the records, in milliseconds. */
const LOOK_AGAIN = 100

/** Adds missing records, replaces those that `replace` names and no live cell needs, and returns the resulting records. */
export async function openRecords(
  context: RecordsContext,
  schema: StoreSchema,
  options: OpenOptions,
): Promise<RecordsDocument> {
  const { requests } = context
  for (;;) {
    options.signal?.throwIfAborted()
    const current = await findRecords(requests)
    if (current?.closing) {
      if (!(await endClosing(context, current))) await pause(LOOK_AGAIN, options.signal)
      continue
    }
    const records = current === null ? firstRecords(schema) : withNewIntervals(current, schema)
    if (records !== current && !(await putRecords(requests, current, records))) continue
    const intervals = replaceable(records, schema, options)
    if (intervals.length === 0) return deleteDiscarded(requests, records)
    const replaced = await replaceRecords(context, schema, options, records, intervals)
    if (replaced !== null) return deleteDiscarded(requests, replaced)
  }
}
