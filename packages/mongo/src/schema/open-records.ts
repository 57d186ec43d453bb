import { type OpenOptions, outlastLeases, pause, type RecordState, type StoreSchema } from '@kairos/core/driver'
import type { Requests } from '../connection/requests.ts'
import { deleteDocuments } from '../documents/delete-documents.ts'
import { ANY_NAME } from '../documents/layout.ts'
import { holdsLiveCell } from '../store/queries.ts'
import { closingBy, hasEnded, unmarked } from './closing.ts'
import {
  findRecords,
  firstRecords,
  putRecords,
  type RecordedInterval,
  type RecordsDocument,
  withNewIntervals,
  withReplaced,
} from './records.ts'

/** Where records are, and by what they are replaced. */
export interface RecordsContext {
  readonly requests: Requests
  /** For how long an opened store goes by the records it has seen, in milliseconds. */
  readonly lease: number
  /** The server's clock, in milliseconds. */
  clock(): Promise<number>
}

/** How often a process that opens looks whether another one has replaced the records, in milliseconds. */
const LOOK_AGAIN = 100

/** Records what has no record yet and replaces what stands as `replace` says and covers no live cell; gives back what stands then. */
export async function openRecords(
  context: RecordsContext,
  schema: StoreSchema,
  options: OpenOptions,
): Promise<RecordsDocument> {
  const { requests, lease } = context
  for (;;) {
    options.signal?.throwIfAborted()
    const current = await findRecords(requests)
    if (current?.closing && !(await endClosing(context, current))) {
      await pause(LOOK_AGAIN, options.signal)
      continue
    }
    if (current?.closing) continue
    const standing = current === null ? firstRecords(schema) : withNewIntervals(current, schema)
    if (standing !== current && !(await putRecords(requests, current, standing))) continue
    const doomed = replaceable(standing, schema, options)
    if (doomed.length === 0) return cleaned(requests, standing)
    const closing = closingBy(await context.clock(), lease)
    const marked = { ...standing, version: standing.version + 1, closing }
    if (!(await putRecords(requests, standing, marked))) continue
    const wanted = await replacing(context, schema, options, marked, doomed)
    // A mark that was taken away, or a server that has forgotten it: another process may have written since.
    if (await putRecords(requests, marked, wanted)) return cleaned(requests, wanted)
  }
}

/** How the records stand that a store was opened with. */
export async function stateOf(
  context: RecordsContext,
  opened: RecordsDocument,
  schema: StoreSchema,
): Promise<RecordState> {
  for (;;) {
    const current = await findRecords(context.requests)
    if (current === null || !sameKeys(current, opened, schema)) return 'replaced'
    if (current.closing === null) return 'standing'
    if (!(await endClosing(context, current))) return 'closing'
  }
}

/** Every replacement gives an interval another key. */
function sameKeys(current: RecordsDocument, opened: RecordsDocument, schema: StoreSchema): boolean {
  const keyIn = ({ intervals }: RecordsDocument, wanted: string): string | undefined =>
    intervals.find(({ name }) => name === wanted)?.key
  return (
    current.schema === opened.schema &&
    Object.keys(schema.intervals).every((name) => keyIn(current, name) === keyIn(opened, name))
  )
}

/** Takes away a mark whose end has come; false: it has not. By compare-and-set, so that its maker no longer replaces anything. */
async function endClosing({ requests, clock }: RecordsContext, records: RecordsDocument): Promise<boolean> {
  if (!hasEnded(records.closing!, await clock())) return false
  await putRecords(requests, records, unmarked(records))
  return true
}

/** The recorded intervals that are to go: those that still stand as `replace` says; with another schema, all. */
function replaceable(
  records: RecordsDocument,
  schema: StoreSchema,
  { replace = {} }: OpenOptions,
): readonly RecordedInterval[] {
  if (records.schema !== schema.record) return records.schema === replace.schema ? records.intervals : []
  return records.intervals.filter(
    ({ name, record }) => record === replace.intervals?.[name] && schema.intervals[name]?.record !== record,
  )
}

/** Waits until no writer goes by the old records any more, and says what the records become: without the mark, whatever else. */
async function replacing(
  { requests, lease }: RecordsContext,
  schema: StoreSchema,
  { oldestLive = {}, signal }: OpenOptions,
  marked: RecordsDocument,
  doomed: readonly RecordedInterval[],
): Promise<RecordsDocument> {
  try {
    await outlastLeases(lease, signal)
    const gone: RecordedInterval[] = []
    for (const interval of doomed) {
      if (!(await holdsLiveCell(requests, interval, oldestLive[interval.name]))) gone.push(interval)
    }
    const all = marked.schema === schema.record || gone.length === doomed.length
    return all && gone.length > 0 ? withReplaced(marked, schema, gone) : unmarked(marked)
  } catch (error) {
    await putRecords(requests, marked, unmarked(marked)).catch(() => {})
    throw error
  }
}

/** Deletes what replaced intervals have left. If the process dies midway, the next one to open finishes the job. */
async function cleaned(requests: Requests, records: RecordsDocument): Promise<RecordsDocument> {
  if (records.discarded.length === 0) return records
  await deleteDocuments(requests, { name: ANY_NAME, interval: { $in: records.discarded } })
  await putRecords(requests, records, { ...records, version: records.version + 1, discarded: [] })
  return records
}
