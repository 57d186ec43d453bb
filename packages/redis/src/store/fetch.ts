import { KairosError } from '@kairos/core'
import type { CellQuery, CellValue, FetchedCell, TimeseriesType } from '@kairos/core/driver'
import { storeFailure } from '../connection/failures.ts'
import type { RedisFetchRequest } from '../public-types.ts'
import { Offsets } from '../schema/chunks.ts'
import { readFields, readPresence } from '../scripts/read.ts'
import type { Element } from '../values/codecs.ts'
import { type OpenedPlace, shardedName, together } from './context.ts'
import { byOffset, cellValue, elementsOf } from './elements.ts'
import { loadChunks } from './load-chunks.ts'

/** What one command of the caller's is about. */
interface Asked {
  readonly shard: number
  readonly request: RedisFetchRequest
  readonly bucket: number
  readonly resolutionBucket: number
}

/** The caller's own read: one command for each cell that is there, all on pipelines of the client. */
export async function fetchCells(place: OpenedPlace, query: CellQuery, fetch: unknown): Promise<FetchedCell[]> {
  if (typeof fetch !== 'function') {
    throw new KairosError('KAIROS_INVALID_CONFIG', 'fetch must be a function (pipeline, cell)', { path: 'fetch' })
  }
  const asked = await cellsToFetch(place, query)
  const { calls, keys } = place
  const fetched = await Promise.all(
    together(asked, calls.client.cluster).map(async (group) => {
      const route = keys.route(group[0]!.shard)
      const replies = await calls
        .pipeline(route, (pipeline) => {
          for (const { request } of group) fetch(pipeline, request)
        })
        .catch((error: unknown) => {
          throw storeFailure(error)
        })
      if (replies.length !== group.length) {
        throw new KairosError(
          'KAIROS_INVALID_CONFIG',
          `fetch must queue one command for each cell: ${group.length} cells, ${replies.length} replies`,
          { path: 'fetch' },
        )
      }
      return group.flatMap((each, index) => rowsOf(place, query, each, replies[index]))
    }),
  )
  return fetched.flat()
}

/** The cells that there are; of types that keep a bucket in one key, the buckets. */
async function cellsToFetch(place: OpenedPlace, { names, interval, range }: CellQuery): Promise<Asked[]> {
  const { keys } = place
  const own = place.intervals.get(interval)!
  const { layout } = own
  const offsets = new Offsets(own.schema)
  const asked: Asked[] = []
  const script = layout.packed ? readFields.joined : readPresence.joined
  await loadChunks(place, own, names, range, script, ({ name, chunk, content }) => {
    const { shard, part } = shardedName(name, keys)
    const key = `${keys.registry(shard, own.part)}:${part}:${chunk}`
    const push = (field: string, bucket: number, resolutionBucket: number): void => {
      asked.push({ shard, request: { key, field, name, interval, bucket }, bucket, resolutionBucket })
    }
    if (!layout.packed) return push('', Number(chunk), 0)
    for (const field of elementsOf(content)) {
      const { bucket, offset } = layout.locate(chunk, Number(field))
      if (bucket >= range.first && bucket <= range.last) push(String(field), bucket, offsets.first(bucket) + offset)
    }
  })
  return asked
}

/** The cells that a reply is of: a bucket in one key holds all its resolution buckets. None where what was there has gone meanwhile. */
function rowsOf(
  { type, intervals }: OpenedPlace,
  { interval }: CellQuery,
  { request: { name }, bucket, resolutionBucket }: Asked,
  reply: unknown,
): FetchedCell[] {
  if (reply instanceof Error) throw storeFailure(reply)
  const { layout, schema } = intervals.get(interval)!
  if (reply === null || reply === undefined) return []
  if (layout.packed || !layout.fine) return [{ name, bucket, resolutionBucket, row: reply }]
  const first = new Offsets(schema).first(bucket)
  return Array.from(partsOf(type, reply), ([offset, row]) => ({ name, bucket, resolutionBucket: first + offset, row }))
}

/** A reply by resolution bucket, each part in the shape of the whole. */
function partsOf(type: TimeseriesType, reply: unknown): Map<number, unknown> {
  if (Array.isArray(reply)) return byOffset(type, reply)
  if (typeof reply !== 'object' || reply === null) {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      'in an interval with a resolution, fetch must read the elements of its key: they tell the resolution bucket',
      { path: 'fetch' },
    )
  }
  if (reply instanceof Set) return mapParts(byOffset(type, [...reply]), (elements) => new Set(elements))
  const pairs: [Element, Element][] = reply instanceof Map ? [...reply] : Object.entries(reply)
  return mapParts(byOffset('histogram', pairs.flat()), (elements) => new Map(pairsOf(elements)))
}

function mapParts(parts: Map<number, Element[]>, shape: (elements: Element[]) => unknown): Map<number, unknown> {
  return new Map(Array.from(parts, ([offset, elements]) => [offset, shape(elements)]))
}

function pairsOf(elements: readonly Element[]): [Element, Element][] {
  return Array.from({ length: elements.length / 2 }, (_, index) => [elements[index * 2]!, elements[index * 2 + 1]!])
}

/** A reply, or the part of it that is a cell's, as a cell's value. */
export function decodeRow({ type, codec }: OpenedPlace, row: unknown): CellValue {
  if (row instanceof Set) return cellValue(type, [...row], codec)
  if (row instanceof Map) return cellValue(type, [...row].flat(), codec)
  if (typeof row === 'string' || row instanceof Buffer) return cellValue(type, [row], codec)
  if (Array.isArray(row)) return cellValue(type, row, codec)
  return cellValue(type, Object.entries(row as Readonly<Record<string, string>>).flat(), codec)
}
