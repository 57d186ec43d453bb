import { KairosError } from '@kairos/core'
import { type OpenOptions, pause, type StoreSchema, type TimeseriesType } from '@kairos/core/driver'
import type { Requests } from '../connection/requests.ts'
import { createIndexes } from '../documents/indexes.ts'
import { endClosing, LOOK_AGAIN, type RecordsContext } from './closing.ts'
import { markDropped } from './drop.ts'
import { findRecords, firstRecords, putRecords, type RecordsDocument, withFacts, withNewIntervals } from './records.ts'
import { deleteDiscarded, replaceable, replaceRecords } from './replace-records.ts'

/**
 * Adds missing records, replaces those that `replace` names and no live cell needs, renews facts, and returns the resulting records.
 * @throws KAIROS_INVALID_CONFIG if the collection is another timeseries'
 */
export async function openRecords(
  context: RecordsContext,
  schema: StoreSchema<TimeseriesType>,
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
    if (current?.dropped) {
      // The process that dropped it has died before it was done.
      if ((await markDropped(context, current)) !== null) await requests.drop()
      continue
    }
    if (current === null) await createIndexes(requests)
    else checkName(current, schema, requests)
    const records = current === null ? firstRecords(schema) : withNewIntervals(current, schema)
    if (records !== current && !(await putRecords(requests, current, records))) continue
    const intervals = replaceable(records, schema, options)
    if (intervals.length === 0) return renewFacts(requests, await deleteDiscarded(requests, records), schema)
    const replaced = await replaceRecords(context, schema, options, records, intervals)
    if (replaced !== null) return renewFacts(requests, await deleteDiscarded(requests, replaced), schema)
  }
}

/** A driver's `collectionName` may be what another one makes of a name. */
function checkName(
  { timeseries }: RecordsDocument,
  { name }: Pick<StoreSchema, 'name'>,
  { collectionName }: Requests,
): void {
  if (timeseries === (name ?? null)) return
  const message = `the collection ${JSON.stringify(collectionName)} must be the timeseries' own, not that of ${timeseries === null ? 'one without a name' : JSON.stringify(timeseries)}; use another collectionName`
  throw new KairosError('KAIROS_INVALID_CONFIG', message, { path: 'collectionName', driver: 'mongo' })
}

/** As well as it can: facts do not matter, and another process may be about to do the same. */
async function renewFacts(
  requests: Requests,
  records: RecordsDocument,
  schema: StoreSchema<TimeseriesType>,
): Promise<RecordsDocument> {
  const renewed = withFacts(records, schema)
  if (renewed !== records) await putRecords(requests, records, renewed).catch(() => false)
  return renewed
}
