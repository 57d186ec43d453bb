import { KairosError } from '@kairos/core'
import { type CellQuery, type CellValue, describe, type FetchedCell, isRecord } from '@kairos/core/driver'
import { storeFailure } from '../connection/failures.ts'
import { groupBySlot } from '../connection/group-by-slot.ts'
import { Offsets } from '../schema/layout.ts'
import { cellScript } from '../scripts/numbers.ts'
import { readFields, readPresence } from '../scripts/read.ts'
import type { Element } from '../values/codecs.ts'
import { byOffset, cellValue, elementsOf } from '../values/decode-cell.ts'
import { type StoreContext, shardedName } from './context.ts'
import { loadChunks } from './load-chunks.ts'

/** What a custom `fetch` has to read: one cell, or in an interval with a resolution one bucket of a series, histogram or set. */
export interface RedisFetchQuery {
  /** The key that holds the cell. For a series, a histogram or a set it holds one bucket; for other types, it is a chunk: a hash, or a packed string. */
  readonly key: string
  /** The cell's field in that chunk; '' for a series, a histogram or a set. */
  readonly field: string
  /** The command that reads the cell, or the whole key: its name and arguments. What is in a chunk is read by a script. */
  readonly command: readonly [name: string, ...parameters: string[]]
  /** The name of the timeseries that was asked for. */
  readonly name: string
  /** The interval, as your configuration names it. */
  readonly interval: string
  /** The number of the bucket. */
  readonly bucket: number
}

/**
 * A custom read. It is called once for each cell that exists and must queue one command on `pipeline`, a pipeline of your client's kind; the reply
 * is the row. Series, histograms and sets keep a bucket in one key, so in an interval with a resolution it is called once for each bucket and must
 * read the elements, which begin with their offset.
 * @example
 * const fetch: RedisFetch = (pipeline: ReturnType<Redis['pipeline']>, { command }) => pipeline.call(...command)
 */
export type RedisFetch = (pipeline: never, request: RedisFetchQuery) => unknown

/** A command of a custom `fetch`, and what it reads. */
interface Asked {
  readonly shard: number
  readonly request: RedisFetchQuery
  readonly bucket: number
  readonly resolutionBucket: number
}

/**
 * Reads with a custom `fetch`: one command for each cell that exists, on pipelines of the client.
 * @throws KAIROS_INVALID_CONFIG
 * @throws StoreFailure
 */
export async function fetchCells(context: StoreContext, query: CellQuery, fetch: unknown): Promise<FetchedCell[]> {
  if (typeof fetch !== 'function') {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `fetch must be a function (pipeline, cell), not ${describe(fetch)}`,
      {
        path: 'fetch',
      },
    )
  }
  const asked = await cellsToFetch(context, query)
  const { runner, lease, signal } = context
  const fetched = await Promise.all(
    groupBySlot(asked, runner.client.cluster).map(async (group) => {
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
          `fetch must queue one command for each cell, not ${replies.length} for ${group.length} cells`,
          { path: 'fetch' },
        )
      }
      return group.flatMap((each, index) => rowsOf(context, query, each, replies[index]))
    }),
  )
  return fetched.flat()
}

/** The cells that exist; for types that keep a bucket in one key, the buckets. */
async function cellsToFetch(context: StoreContext, { names, interval, range }: CellQuery): Promise<Asked[]> {
  const { keys } = context
  const own = context.intervals.get(interval)!
  const { layout } = own
  const offsets = new Offsets(own.schema)
  const asked: Asked[] = []
  const script = context.kind?.scripts.fields ?? (layout.packed ? readFields : readPresence)
  await loadChunks(context, own, names, range, script, ({ name, chunk, content }) => {
    const { shard, part } = shardedName(name, keys)
    const key = `${keys.index(shard, own.part, part)}:${chunk}`
    const push = (field: string, bucket: number, resolutionBucket: number): void => {
      const command = commandFor(context, key, field)
      asked.push({ shard, request: { key, field, command, name, interval, bucket }, bucket, resolutionBucket })
    }
    if (!layout.packed) return push('', Number(chunk), 0)
    for (const field of elementsOf(content)) {
      const { bucket, offset } = layout.locate(chunk, Number(field))
      if (bucket >= range.first && bucket <= range.last) push(String(field), bucket, offsets.first(bucket) + offset)
    }
  })
  return asked
}

function commandFor({ type, kind }: StoreContext, key: string, field: string): RedisFetchQuery['command'] {
  if (kind !== undefined) return ['eval', kind.scripts.cell.text, '1', key, field]
  if (type === 'series') return ['lrange', key, '0', '-1']
  if (type === 'set') return ['smembers', key]
  return type === 'histogram' ? ['hgetall', key] : ['eval', cellScript.text, '1', key, field]
}

/** The cells in a reply: a bucket in one key holds all its resolution buckets. None if the key has gone since. */
function rowsOf(
  { type, intervals }: StoreContext,
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
      `fetch must read the elements of a key in an interval with a resolution, not ${describe(reply)}; each element begins with its offset`,
      { path: 'fetch' },
    )
  }
  const offsets = new Offsets(schema)
  const first = offsets.first(bucket)
  return Array.from(byOffset(type, elements, offsets.limit(bucket)), ([offset, own]) => ({
    name,
    bucket,
    resolutionBucket: first + offset,
    row: type === 'histogram' ? pairsOf(own) : own,
  }))
}

/** The elements of a reply. Clients return a hash as a list, a Map or an object; anything else is one element. */
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

/** Makes a cell's value from a row or a list of rows. */
export function decodeRow({ type, codec, kind }: StoreContext, row: unknown): CellValue {
  if (kind !== undefined) return kind.decodeRow(row)
  const elements = Array.isArray(row) ? (row as (Element | readonly Element[])[]).flat() : [row as Element]
  return cellValue(type, elements as Element[], codec)
}
