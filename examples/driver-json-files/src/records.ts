import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { FoundPlace, OpenOptions, StoreSchema } from '@kairos/core/driver'
import type { Cells } from './cells.ts'
import { readJson, replaceJson } from './files.ts'

export interface StoredRecords extends Pick<StoreSchema, 'name' | 'facts'> {
  schema: string
  /** A `Map`, since an interval may have any name. What replaces a record, or is recorded after a drop, has another id. */
  intervals: Map<string, { id: string; record: string; facts: string }>
}

export const readRecords = (folder: string) => readJson<StoredRecords>(join(folder, 'records.json'))
export const writeRecords = (folder: string, records: StoredRecords) =>
  replaceJson(join(folder, 'records.json'), records)

/** As Kairos has them. */
export function placeOf({ name, schema, facts, intervals }: StoredRecords): FoundPlace {
  const each = (key: 'record' | 'facts') => Object.fromEntries([...intervals].map(([name, own]) => [name, own[key]]))
  const [records, shown] = [each('record'), each('facts')]
  return { ...(name && { name }), records: { schema, intervals: records }, facts: { schema: facts, intervals: shown } }
}

/** Adds missing records, and replaces those that are to be replaced and cover no live cell. */
export async function record(
  folder: string,
  { name, record, facts, intervals }: StoreSchema,
  cells: Cells,
  { replace = {}, oldestLive = {} }: OpenOptions,
): Promise<StoredRecords> {
  const records = (await readRecords(folder)) ?? { ...(name && { name }), schema: record, facts, intervals: new Map() }
  // Compared, not just replaced: another process may have been faster.
  const asSeen = ([interval, own]: [string, { record: string }]) =>
    replace.schema === undefined ? own.record === replace.intervals?.[interval] : replace.schema === records.schema
  const seen = [...records.intervals].filter(asSeen).map(([interval]) => interval)
  const live = new Set<string>()
  for (const each of seen) if ((await cells.names({ [each]: oldestLive[each] ?? -Infinity })).length > 0) live.add(each)
  // A schema is replaced together with everything stored under it, or not at all.
  const gone = seen.filter((interval) => (replace.schema === undefined ? !live.has(interval) : live.size === 0))
  await cells.remove(null, ({ interval }) => gone.includes(interval))
  for (const interval of gone) records.intervals.delete(interval)
  if (replace.schema === records.schema && live.size === 0) records.schema = record
  for (const [interval, { record, facts }] of Object.entries(intervals))
    records.intervals.set(interval, { id: randomUUID(), record, ...records.intervals.get(interval), facts })
  await writeRecords(folder, records)
  return records
}
