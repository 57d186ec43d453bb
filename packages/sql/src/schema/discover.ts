import { dictionary, type FoundPlace } from '@kairos/core/driver'
import type { Database } from '../connection/session.ts'
import { RECORDS } from '../dialects/identifiers.ts'
import { columnsOf } from './columns.ts'
import { fromDocument } from './record-document.ts'
import { allRecords, intervalsIn, OWN, type RecordsPlace, type StoredRecord } from './records.ts'
import { isTableOf } from './table-name.ts'

/**
 * The timeseries whose tables a driver with this `tableName` opens. They are those with a record of their own; the catalog is not read, so that it takes
 * no rights but those of reading.
 * @throws KAIROS_CONFIG_CHANGED if this version does not know the layout of a record
 */
export async function discoverPlaces(
  database: Database,
  place: RecordsPlace,
  tableName: string | undefined,
): Promise<FoundPlace[]> {
  if (!(await columnsOf(database, place, [RECORDS])).has(RECORDS)) return []
  const found: FoundPlace[] = []
  for (const [table, records] of await allRecords(database, place)) {
    const own = records.get(OWN)
    if (own !== undefined) found.push(...placeIn(table, own, records, tableName))
  }
  return found
}

function placeIn(
  table: string,
  own: StoredRecord,
  records: ReadonlyMap<string, StoredRecord>,
  tableName: string | undefined,
): FoundPlace[] {
  const { type, name, record } = fromDocument(own.document, table)
  if (!isTableOf(tableName, { type, name }, table)) return []
  return [
    {
      ...(name !== undefined && { name }),
      records: { schema: record, intervals: dictionary(intervalsIn(records, ({ document }) => document)) },
      facts: { schema: own.facts, intervals: dictionary(intervalsIn(records, ({ facts }) => facts)) },
    },
  ]
}
