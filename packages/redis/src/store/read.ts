import type { CellQuery, CellValue, OriginalType, StoredCell } from '@kairos/core/driver'
import type { Kind } from '../kinds/kind.ts'
import { type Layout, Offsets } from '../schema/layout.ts'
import { type ReadScripts, readHash, readList, readPacked, readSet } from '../scripts/read.ts'
import { type Element, toNumber } from '../values/codecs.ts'
import { Damaged } from '../values/damaged.ts'
import { byOffset, cellValue, elementsOf } from '../values/decode-cell.ts'
import { checkPacked, isPacked, unpackChunk } from '../values/packed-chunk.ts'
import type { StoreContext } from './context.ts'
import { type LoadedChunk, loadChunks } from './load-chunks.ts'
import { loadNumbers } from './load-numbers.ts'

/** The scripts that read a chunk of each type. */
const scripts: Readonly<Record<Exclude<OriginalType, 'count'>, ReadScripts>> = {
  gauge: readPacked,
  histogram: readHash,
  series: readList,
  set: readSet,
}

/**
 * Reads the cells of a range.
 * @throws StoreFailure
 */
export async function readCells(context: StoreContext, query: CellQuery): Promise<StoredCell[]> {
  const interval = context.intervals.get(query.interval)!
  const cells: StoredCell[] = []
  const { codec, kind } = context
  const { packs } = codec
  if (kind !== undefined) {
    const file = cellsOfKind(context, kind, query, cells)
    await loadChunks(context, interval, query.names, query.range, kind.scripts.read, file)
    return cells
  }
  if (interval.layout.packed && packs !== undefined) {
    await readNumbers(context, query, (name, bucket, resolutionBucket, number) => {
      cells.push({ name, bucket, resolutionBucket, value: packs.fromNumber(number) })
    })
    return cells
  }
  const file = interval.layout.packed ? packedCells(context, query, cells) : cellsOfBuckets(context, query, cells)
  const { joined, apart } = scripts[context.type as keyof typeof scripts]
  await loadChunks(context, interval, query.names, query.range, codec.joins ? joined : apart, file)
  return cells
}

/** Called with each number of a chunk. */
export type EachNumber = (name: string, bucket: number, resolutionBucket: number, number: number) => void

/** Called with a packed chunk in which each field is a bucket. True: it was taken as it is. */
export type EachPacked = (name: string, firstBucket: number, bytes: Buffer) => boolean

/** Reads the numbers of a range, without a cell for each. */
export async function readNumbers(
  context: StoreContext,
  query: CellQuery,
  each: EachNumber,
  eachChunk?: EachPacked,
): Promise<void> {
  const interval = context.intervals.get(query.interval)!
  const { layout, schema } = interval
  const { first, last } = query.range
  const offsets = new Offsets(schema)
  const simple = layout.fanOut === 1 && !layout.pieces
  await loadNumbers(context, interval, query.names, query.range, ({ name, chunk, content }) => {
    const base = Number.parseInt(chunk, 10) * layout.buckets
    const place = (field: number, number: number): void => {
      // The outermost chunks also hold buckets outside the range.
      if (simple && field < layout.fields) {
        const bucket = base + field
        if (bucket >= first && bucket <= last) each(name, bucket, offsets.first(bucket), number)
        return
      }
      const { bucket, offset } = layout.locate(chunk, field)
      if (bucket >= first && bucket <= last) each(name, bucket, offsets.first(bucket) + offset, number)
    }
    if (Buffer.isBuffer(content) && isPacked(content)) {
      checkPacked(content, layout.fields)
      if (simple && eachChunk?.(name, base, content)) return
      return unpackChunk(content, place)
    }
    const elements = elementsOf(content)
    for (let index = 0; index < elements.length; index += 2)
      place(fieldOf(layout, chunk, elements[index]!), toNumber(elements[index + 1] ?? ''))
  })
}

/** @throws Damaged */
function fieldOf(layout: Layout, chunk: string, element: Element): number {
  const field = Number(element)
  if (layout.hasField(chunk, field)) return field
  throw new Damaged(`a field must be the number of one of its cells, not ${JSON.stringify(String(element))}`)
}

function cellsOfKind({ intervals }: StoreContext, kind: Kind, query: CellQuery, cells: StoredCell[]) {
  const { layout, schema } = intervals.get(query.interval)!
  const offsets = new Offsets(schema)
  const { first, last } = query.range
  return ({ name, chunk, content }: LoadedChunk): void => {
    kind.unpack(content as Buffer, layout.fields, (field, value) => {
      const { bucket, offset } = layout.locate(chunk, field)
      // The outermost chunks also hold buckets outside the range.
      if (bucket >= first && bucket <= last)
        cells.push({ name, bucket, resolutionBucket: offsets.first(bucket) + offset, value })
    })
  }
}

function packedCells({ type, codec, intervals }: StoreContext, query: CellQuery, cells: StoredCell[]) {
  const { layout, schema } = intervals.get(query.interval)!
  const offsets = new Offsets(schema)
  const { first, last } = query.range
  return ({ name, chunk, content }: LoadedChunk): void => {
    const elements = elementsOf(content)
    for (let index = 0; index < elements.length; index += 2) {
      const { bucket, offset } = layout.locate(chunk, fieldOf(layout, chunk, elements[index]!))
      // The outermost chunks also hold buckets outside the range.
      if (bucket < first || bucket > last) continue
      const value = cellValue(type, [elements[index + 1]!], codec)
      cells.push({ name, bucket, resolutionBucket: offsets.first(bucket) + offset, value })
    }
  }
}

function cellsOfBuckets({ type, codec, intervals }: StoreContext, query: CellQuery, cells: StoredCell[]) {
  const { layout, schema } = intervals.get(query.interval)!
  const offsets = new Offsets(schema)
  const parts = new HashParts()
  return (loaded: LoadedChunk): void => {
    const { name, chunk, content } = loaded
    const bucket = Number(chunk)
    const elements = type === 'histogram' ? parts.join(loaded) : elementsOf(content)
    if (elements.length === 0) return
    const push = (resolutionBucket: number, value: CellValue): void => {
      cells.push({ name, bucket, resolutionBucket, value })
    }
    if (!layout.hasResolution) {
      push(0, cellValue(type, elements, codec))
      return
    }
    const first = offsets.first(bucket)
    for (const [offset, own] of byOffset(type, elements, offsets.limit(bucket)))
      push(first + offset, cellValue(type, own, codec))
  }
}

/** Joins hashes that come in parts. A field may come twice if the server rehashes meanwhile. */
class HashParts {
  readonly #hashes = new Map<string, Map<string, [Element, Element]>>()

  /** Returns all elements of a hash with its last part, and none before that. */
  join({ name, chunk, content, more }: LoadedChunk): readonly Element[] {
    const elements = elementsOf(content)
    const key = `${chunk} ${name}`
    const hash = this.#hashes.get(key) ?? new Map<string, [Element, Element]>()
    if (!more && hash.size === 0) return elements
    for (let index = 0; index < elements.length; index += 2) {
      const [field, value] = [elements[index]!, elements[index + 1]!]
      hash.set(typeof field === 'string' ? field : field.toString('latin1'), [field, value])
    }
    if (more) this.#hashes.set(key, hash)
    else this.#hashes.delete(key)
    return more ? [] : [...hash.values()].flat()
  }
}
