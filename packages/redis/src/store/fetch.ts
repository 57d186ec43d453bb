import { KairosError } from '@kairos/core'
import { type CellQuery, type CellValue, describe, type FetchedCell, isRecord } from '@kairos/core/driver'
import { storeFailure } from '../connection/failures.ts'
import { together } from '../connection/group-by-slot.ts'
import { Offsets } from '../schema/layout.ts'
import { readFields, readPresence } from '../scripts/read.ts'
import type { Element } from '../values/codecs.ts'
import { byOffset, cellValue, elementsOf } from '../values/decode-cell.ts'
import { type OpenedPlace, shardedName } from './context.ts'
import { loadChunks } from './load-chunks.ts'

/** What the caller's `fetch` is asked to read. */
export interface RedisFetchRequest {
  /** The key that holds the cell: of a count or a gauge the hash of its chunk, of other types that of its bucket. */
  readonly key: string
  /** Of a count or a gauge the cell's field in that hash; else ''. */
  readonly field: string
  readonly name: string
  readonly interval: string
  readonly bucket: number
}

/**
 * A read of the caller's own: called once for each cell that there is, queues one command on the client's own pipeline; its reply is the row.
 * Series, histograms and sets keep a bucket in one key, so in an interval with a resolution it is called once for each bucket, and the elements
 * of its reply are told apart by the offset before them.
 */
export type RedisFetch = (pipeline: never, request: RedisFetchRequest) => unknown

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
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `fetch must be a function (pipeline, cell), not ${describe(fetch)}`,
      {
        path: 'fetch',
      },
    )
  }
  const asked = await cellsToFetch(place, query)
  const { runner, lease, signal } = place
  const fetched = await Promise.all(
    together(asked, runner.client.cluster).map(async (group) => {
      signal?.throwIfAborted()
      const queue = (pipeline: object): void => {
        for (const { request } of group) fetch(pipeline, request)
      }
      const replies = await runner.pipeline(group[0]!.request.key, queue, lease).catch((error: unknown) => {
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
  const script = layout.packed ? readFields : readPresence
  await loadChunks(place, own, names, range, script, ({ name, chunk, content }) => {
    const { shard, part } = shardedName(name, keys)
    const key = `${keys.index(shard, own.part, part)}:${chunk}`
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
  if (reply === null || reply === undefined) return []
  const { layout, schema } = intervals.get(interval)!
  if (layout.packed) return [{ name, bucket, resolutionBucket, row: reply }]
  const elements = elementsIn(reply)
  if (elements.length === 0) return []
  if (!layout.hasResolution) {
    const paired = type === 'histogram' && (reply instanceof Map || isRecord(reply))
    return [{ name, bucket, resolutionBucket, row: paired ? pairsOf(elements) : elements }]
  }
  if (typeof reply !== 'object') {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      'in an interval with a resolution, fetch must read the elements of its key: they tell the resolution bucket',
      { path: 'fetch' },
    )
  }
  const first = new Offsets(schema).first(bucket)
  return Array.from(byOffset(type, elements), ([offset, own]) => ({
    name,
    bucket,
    resolutionBucket: first + offset,
    row: type === 'histogram' ? pairsOf(own) : own,
  }))
}

/** The elements of a reply, in whichever shape the client gives it: a hash as a list, a Map or an object. What is none of these is one element. */
function elementsIn(reply: unknown): Element[] {
  if (Array.isArray(reply)) return reply as Element[]
  if (reply instanceof Set) return [...(reply as ReadonlySet<Element>)]
  if (reply instanceof Map) return [...(reply as ReadonlyMap<Element, Element>)].flat()
  if (isRecord(reply)) return Object.entries(reply as Readonly<Record<string, Element>>).flat()
  return [reply as Element]
}

function pairsOf(elements: readonly Element[]): [Element, Element][] {
  return Array.from({ length: elements.length / 2 }, (_, index) => [elements[index * 2]!, elements[index * 2 + 1]!])
}

/** A row, or a list of them, as a cell's value. */
export function decodeRow({ type, codec }: OpenedPlace, row: unknown): CellValue {
  const elements = Array.isArray(row) ? (row as (Element | readonly Element[])[]).flat() : [row as Element]
  return cellValue(type, elements as Element[], codec)
}
