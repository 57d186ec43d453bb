import type { CellQuery, CellValue, StoredCell, TimeseriesType } from '@kairos/core/driver'
import { Offsets } from '../schema/chunks.ts'
import { type ReadScripts, readHash, readList, readSet } from '../scripts/read.ts'
import type { OpenedPlace } from './context.ts'
import { byOffset, cellValue, elementsOf } from './elements.ts'
import { type LoadedChunk, loadChunks } from './load-chunks.ts'

/** How a chunk of each type is read. */
const scripts: Readonly<Record<TimeseriesType, ReadScripts>> = {
  count: readHash,
  gauge: readHash,
  histogram: readHash,
  series: readList,
  set: readSet,
}

/** The cells of a range. */
export async function readCells(place: OpenedPlace, query: CellQuery): Promise<StoredCell[]> {
  const interval = place.intervals.get(query.interval)!
  const cells: StoredCell[] = []
  const file = interval.layout.packed ? packedCells(place, query, cells) : cellsOfBuckets(place, query, cells)
  const { joined, apart } = scripts[place.type]
  await loadChunks(place, interval, query.names, query.range, place.codec.joins ? joined : apart, file)
  return cells
}

function packedCells({ type, codec, intervals }: OpenedPlace, query: CellQuery, cells: StoredCell[]) {
  const { layout, schema } = intervals.get(query.interval)!
  const offsets = new Offsets(schema)
  const { first, last } = query.range
  return ({ name, chunk, content }: LoadedChunk): void => {
    const elements = elementsOf(content)
    for (let index = 0; index < elements.length; index += 2) {
      const { bucket, offset } = layout.locate(chunk, Number(elements[index]))
      // The outermost chunks hold buckets beside the range.
      if (bucket < first || bucket > last) continue
      const value = cellValue(type, [elements[index + 1]!], codec)
      cells.push({ name, bucket, resolutionBucket: offsets.first(bucket) + offset, value })
    }
  }
}

function cellsOfBuckets({ type, codec, intervals }: OpenedPlace, query: CellQuery, cells: StoredCell[]) {
  const { layout, schema } = intervals.get(query.interval)!
  const offsets = new Offsets(schema)
  return ({ name, chunk, content }: LoadedChunk): void => {
    const bucket = Number(chunk)
    const elements = elementsOf(content)
    const push = (resolutionBucket: number, value: CellValue): void => {
      cells.push({ name, bucket, resolutionBucket, value })
    }
    if (!layout.fine) {
      push(0, cellValue(type, elements, codec))
      return
    }
    const first = offsets.first(bucket)
    for (const [offset, own] of byOffset(type, elements)) push(first + offset, cellValue(type, own, codec))
  }
}
