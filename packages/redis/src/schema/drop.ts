import { configChangedFailure, failedStore, outlastLeases } from '@kairos/core/driver'
import {
  dropScript,
  forgetScript,
  markScript,
  removePlaceScript,
  schemaScript,
  swapScript,
} from '../scripts/records.ts'
import { ask, type RequestContext, type StoreContext } from '../store/context.ts'
import { deleteRegistered } from '../store/delete.ts'
import { RecordedSchema } from './records.ts'
import { markTime } from './replace-records.ts'

/**
 * Removes the timeseries, or an interval that is recorded and not in the schema. As when records are replaced, processes that have it open lose their
 * leases first, so none of their writes is acknowledged that this deletes.
 * @throws StoreFailure
 */
export async function dropPlace(context: StoreContext, interval: string | null): Promise<void> {
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
  await deleteRetired({ runner, keys }, await readRecords({ runner, keys }))
}

async function readRecords(asking: RequestContext): Promise<RecordedSchema> {
  return new RecordedSchema((await ask(asking, schemaScript, [asking.keys.schema], [])) as readonly Buffer[])
}

async function recordOf(context: StoreContext, interval: string): Promise<string | undefined> {
  const found = await readRecords(context)
  return found.isRecorded ? found.records.intervals[interval] : undefined
}

/** Deletes the data under replaced records, including what a process that died has left. */
export async function deleteRetired({ runner, keys }: RequestContext, { retired }: RecordedSchema): Promise<void> {
  if (retired.length === 0) return
  await deleteRegistered(
    { runner, keys },
    retired.map(({ part }) => part),
  )
  await runner.ask(
    forgetScript,
    [keys.schema],
    retired.map(({ field }) => field),
  )
}
