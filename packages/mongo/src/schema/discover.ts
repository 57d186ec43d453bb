import { dictionary, type FoundPlace, mapConcurrently, TYPES_OF_SPEC_1 } from '@kairos/core/driver'
import type { Connection, Connector } from '../connection/connection.ts'
import { asStoreCall } from '../connection/failures.ts'
import { collectionNameOf } from './collection-name.ts'
import { findRecords, type RecordsDocument } from './records.ts'

/** Collections that are read at once. */
const CONCURRENCY = 8

/**
 * The timeseries whose collections this driver would open, by the records in them.
 * @throws StoreFailure
 */
export function discoverPlaces(connector: Connector, given: string | undefined): Promise<FoundPlace[]> {
  return asStoreCall(async () => placesOn(await connector.connect(), given))
}

async function placesOn({ collection, collectionNames }: Connection, given: string | undefined): Promise<FoundPlace[]> {
  const bases: readonly string[] = given === undefined ? TYPES_OF_SPEC_1 : [given]
  const mayBeOurs = (name: string): boolean => bases.some((base) => name === base || name.startsWith(`${base}.`))
  const names = (await collectionNames()).filter(mayBeOurs)
  const found = await mapConcurrently(CONCURRENCY, names, async (name) => {
    const records = await findRecords(collection(name, false))
    return records === null || records.dropped || collectionOf(records, given) !== name ? [] : [placeOf(records)]
  })
  return found.flat()
}

/** By type and name, since another driver's `collectionName` may begin like ours. */
function collectionOf({ type, timeseries }: RecordsDocument, given: string | undefined): string {
  return collectionNameOf(given, { type, ...(timeseries !== null && { name: timeseries }) })
}

function placeOf({ timeseries, schema, facts, intervals }: RecordsDocument): FoundPlace {
  return {
    ...(timeseries !== null && { name: timeseries }),
    records: { schema, intervals: dictionary(intervals.map(({ name, record }) => [name, record])) },
    facts: { schema: facts, intervals: dictionary(intervals.map((interval) => [interval.name, interval.facts])) },
  }
}
