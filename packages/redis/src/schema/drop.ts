import { configChangedFailure, failedStore, outlastLeases, type StoreSchema } from '@kairos/core/driver'
import {
  dropScript,
  forgetScript,
  markScript,
  removePlaceScript,
  schemaScript,
  swapScript,
} from '../scripts/records.ts'
import { RecordedSchema } from './records.ts'
import { markTime } from './replace-records.ts'
import { ask, type RequestContext } from './request-context.ts'

/** What dropping needs of an open store. */
interface DropContext extends RequestContext {
  readonly schema: StoreSchema
  readonly leaseTime: number
}

/** Deletes all cells of intervals, given as keys spell them. */
type DeleteCells = (asking: RequestContext, intervals: readonly string[]) => Promise<void>

/**
 * Removes the timeseries, or an interval that is recorded and not in the schema. As when records are replaced, processes that have it open lose their
 * leases first, so none of their writes is acknowledged that this deletes.
 * @throws StoreFailure
 */
export async function dropPlace(
  context: DropContext,
  interval: string | null,
  deleteCells: DeleteCells,
): Promise<void> {
  const { runner, keys, schema, leaseTime, signal } = context
  const token = crypto.randomUUID()
  const marking = [token, markTime(runner, leaseTime)]
  if (interval === null) marking.push(`=${schema.record}`)
  else {
    const record = await recordOf(context, interval)
    if (record === undefined) return
    marking.push('', interval, record)
  }
  const marked = (await ask(context, markScript, [keys.schema], marking)) as readonly Buffer[] | number | null
  if (marked === null) throw configChangedFailure()
  if (typeof marked === 'number') throw failedStore('another process is replacing the configuration', 'later')
  try {
    await outlastLeases(leaseTime, signal)
  } catch (error) {
    await runner.ask(swapScript, [keys.schema], [token, '', ''])
    throw error
  }
  if (interval === null) await runner.ask(removePlaceScript, [keys.places], [keys.place])
  // Without the lease, which has ended: the mark takes its place.
  const dropped = await runner.ask(dropScript, [keys.schema], [token, interval === null ? '' : `=${interval}`])
  if (dropped !== 1) throw failedStore('the records could not be removed within the time of their mark', 'later')
  await deleteRetired({ runner, keys }, await readRecords({ runner, keys }), deleteCells)
}

async function readRecords(asking: RequestContext): Promise<RecordedSchema> {
  return new RecordedSchema((await ask(asking, schemaScript, [asking.keys.schema], [])) as readonly Buffer[])
}

async function recordOf(context: DropContext, interval: string): Promise<string | undefined> {
  const found = await readRecords(context)
  return found.isRecorded ? found.records.intervals[interval] : undefined
}

/** Deletes the data under replaced records, including what a process that died has left. */
export async function deleteRetired(
  { runner, keys }: RequestContext,
  { retired }: RecordedSchema,
  deleteCells: DeleteCells,
): Promise<void> {
  if (retired.length === 0) return
  await deleteCells(
    { runner, keys },
    retired.map(({ part }) => part),
  )
  await runner.ask(
    forgetScript,
    [keys.schema],
    retired.map(({ field }) => field),
  )
}
