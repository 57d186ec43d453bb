import type { RecordState, StoreSchema, TimeseriesType } from '@kairos/core/driver'
import { endClosing, type RecordsContext } from './closing.ts'
import { findRecords, type RecordsDocument } from './records.ts'

/** The state of the records that a store was opened with. */
export async function stateOf(
  context: RecordsContext,
  opened: RecordsDocument,
  schema: StoreSchema<TimeseriesType>,
): Promise<RecordState> {
  for (;;) {
    const current = await findRecords(context.requests)
    if (current === null || !isCurrent(current, opened, schema)) return 'replaced'
    if (current.closing === null) return 'standing'
    if (!(await endClosing(context, current))) return 'closing'
  }
}

/** Whether a store that was opened with records may continue: every replacement gives an interval a new key. */
export function isCurrent(
  current: RecordsDocument,
  opened: RecordsDocument,
  schema: StoreSchema<TimeseriesType>,
): boolean {
  const keyIn = ({ intervals }: RecordsDocument, wanted: string): string | undefined =>
    intervals.find(({ name }) => name === wanted)?.key
  return (
    current.id === opened.id &&
    current.schema === opened.schema &&
    Object.keys(schema.intervals).every((name) => keyIn(current, name) === keyIn(opened, name))
  )
}
