import type { IntervalSchema, MergedCell, MergeQuery } from '@kairos/core/driver'
import type { Database } from '../connection/session.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Table } from '../dialects/table.ts'
import type { SketchCodec } from '../values/sketch-codec.ts'
import { startOf } from './merge-groups.ts'
import { createReader } from './read.ts'

/** What a merge must know of an interval. */
export type MergedInterval = Pick<IntervalSchema, 'fanOut' | 'hasResolution'>

/** Core reads more of them in parts. */
const MOST_CELLS = 1_000_000

/**
 * Merges sketches here, where they are packed: core would make data of each cell first, which takes most of the time that reading and merging them takes.
 * No database can do it.
 */
export function createSketchMerger(
  database: Database,
  dialect: Dialect,
  table: Table,
  codec: SketchCodec,
): (query: MergeQuery, interval: MergedInterval) => Promise<MergedCell[] | null> {
  const packed = { ...codec, decode: (stored: unknown) => (stored instanceof Uint8Array ? stored : undefined) }
  const read = createReader(database, dialect, { ...table, layout: { ...table.layout, sketch: packed } })

  return async (query, { fanOut, hasResolution }) => {
    const { names, range, groups, result, split, resolution } = query
    if (result !== 'value' || (range.last - range.first + 1) * names.length * fanOut > MOST_CELLS) return null
    const merging = new Map<string, { readonly place: Omit<MergedCell, 'value'>; readonly values: Uint8Array[] }>()
    for (const cell of await read({ ...query, hasResolution })) {
      const place = {
        name: split ? cell.name : '',
        bucket: startOf(groups, cell.bucket),
        resolutionBucket: resolution ? cell.resolutionBucket : 0,
      }
      const key = `${place.bucket} ${place.resolutionBucket} ${place.name}`
      const group = merging.get(key)
      if (group === undefined) merging.set(key, { place, values: [cell.value as Uint8Array] })
      else group.values.push(cell.value as Uint8Array)
    }
    const merged: MergedCell[] = []
    for (const { place, values } of merging.values()) {
      const value = codec.merge(values)
      if (value === null) return null
      merged.push({ ...place, value })
    }
    return merged
  }
}
