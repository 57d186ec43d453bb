import {
  configChangedFailure,
  failedStore,
  outlastLeases,
  type StoreFailure,
  type StoreSchema,
  type TimeseriesType,
} from '@kairos/core/driver'
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
  readonly schema: StoreSchema<TimeseriesType>
  readonly leaseTime: number
}

/** Deletes all cells of intervals, given as keys spell them. */
type DeleteCells = (asking: RequestContext, intervals: readonly string[]) => Promise<void>

/** The tokens of an open store's drops that have begun and not ended, by interval; null: of everything. */
export type BegunDrops = Map<string | null, string>

/**
 * Removes the timeseries, or an interval that is recorded and not in the schema. As when records are replaced, processes that have it open lose their
 * leases first, so none of their writes is acknowledged that this deletes. If an answer was lost, the next call continues where this one stopped.
 * @throws StoreFailure
 */
export async function dropPlace(
  context: DropContext,
  interval: string | null,
  begun: BegunDrops,
  deleteCells: DeleteCells,
): Promise<void> {
  const { runner, keys, leaseTime, signal } = context
  const earlier = begun.get(interval)
  const token = earlier ?? crypto.randomUUID()
  // Its own mark ends the lease, and so does the removal.
  const found = await readRecords(earlier === undefined ? context : { runner, keys })
  const record = interval === null ? found.field('schema') : found.records.intervals[interval]
  const isGone = record === undefined && (interval !== null || earlier !== undefined)
  if (!isGone) {
    if (found.markedBy !== token) {
      begun.set(interval, token)
      const refusal = await mark(context, token, interval === null ? null : [interval, record!])
      if (refusal !== null) {
        begun.delete(interval)
        throw refusal
      }
    }
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
  }
  await deleteRetired({ runner, keys }, await readRecords({ runner, keys }), deleteCells)
  begun.delete(interval)
}

/** Marks what is about to be removed: an interval with its record, or everything. Resolves to why that is refused, if it is. */
async function mark(
  context: DropContext,
  token: string,
  interval: readonly [name: string, record: string] | null,
): Promise<StoreFailure | null> {
  const { runner, keys, schema, leaseTime } = context
  const target = interval === null ? [`=${schema.record}`] : ['', ...interval]
  const parameters = [token, markTime(runner, leaseTime), ...target]
  const marked = (await ask(context, markScript, [keys.schema], parameters)) as readonly Buffer[] | number | null
  if (marked === null) return configChangedFailure()
  return typeof marked === 'number' ? failedStore('another process is replacing the configuration', 'later') : null
}

async function readRecords(asking: RequestContext): Promise<RecordedSchema> {
  return new RecordedSchema((await ask(asking, schemaScript, [asking.keys.schema], [])) as readonly Buffer[])
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
