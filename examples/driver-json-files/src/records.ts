import { join } from 'node:path'
import type { OpenOptions, StoreSchema } from '@kairos/core/driver'
import type { Cells } from './cells.ts'
import { readJson, replaceJson } from './files.ts'

export interface StoredRecords {
  schema: string
  /** A `Map`, since an interval may have any name. */
  intervals: Map<string, string>
}

const pathIn = (folder: string) => join(folder, 'records.json')
export const readRecords = (folder: string) => readJson<StoredRecords>(pathIn(folder))

/** Adds missing records, and replaces those that are to be replaced and cover no live cell. */
export async function record(
  folder: string,
  schema: StoreSchema,
  cells: Cells,
  { replace = {}, oldestLive = {} }: OpenOptions,
): Promise<StoredRecords> {
  const records = (await readRecords(folder)) ?? { schema: schema.record, intervals: new Map() }
  // Compared, not just replaced: another process may have been faster.
  const asSeen = ([name, text]: [string, string]) =>
    replace.schema === undefined ? text === replace.intervals?.[name] : replace.schema === records.schema
  const seen = [...records.intervals].filter(asSeen).map(([name]) => name)
  const live = new Set<string>()
  for (const name of seen) if ((await cells.names({ [name]: oldestLive[name] ?? -Infinity })).length > 0) live.add(name)
  // A schema is replaced together with everything stored under it, or not at all.
  const gone = seen.filter((name) => (replace.schema === undefined ? !live.has(name) : live.size === 0))
  await cells.remove(null, ({ interval }) => gone.includes(interval))
  for (const name of gone) records.intervals.delete(name)
  if (replace.schema === records.schema && live.size === 0) records.schema = schema.record
  for (const [name, own] of Object.entries(schema.intervals))
    if (!records.intervals.has(name)) records.intervals.set(name, own.record)
  await replaceJson(pathIn(folder), records)
  return records
}
