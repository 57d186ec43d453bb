import { outlastLeases } from '@kairos/core/driver'
import { closingBy, type RecordsContext, unmarked } from './closing.ts'
import { putRecords, type RecordsDocument } from './records.ts'

/**
 * Marks the records, waits until no process relies on them any more, and makes them what `become` says: without the mark, unless that sets another.
 * Null where another process has changed the records meanwhile.
 */
export async function swapRecords(
  context: RecordsContext,
  records: RecordsDocument,
  signal: AbortSignal | undefined,
  become: (marked: RecordsDocument) => RecordsDocument | Promise<RecordsDocument>,
): Promise<RecordsDocument | null> {
  const { requests, lease } = context
  const closing = closingBy(await context.clock(), lease)
  const marked = { ...records, version: records.version + 1, closing }
  if (!(await putRecords(requests, records, marked))) return null
  const wanted = await afterLeases(context, marked, signal, become)
  // Fails if the mark was removed, or the server has lost it.
  return (await putRecords(requests, marked, wanted)) ? wanted : null
}

async function afterLeases(
  { requests, lease }: RecordsContext,
  marked: RecordsDocument,
  signal: AbortSignal | undefined,
  become: Parameters<typeof swapRecords>[3],
): Promise<RecordsDocument> {
  try {
    await outlastLeases(lease, signal)
    return await become(marked)
  } catch (error) {
    await putRecords(requests, marked, unmarked(marked)).catch(() => {})
    throw error
  }
}
