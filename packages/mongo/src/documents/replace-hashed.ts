import type { CellReplacement, CellValue } from '@kairos/core/driver'
import type { MongoDocument } from '../connection/client.ts'
import { documentsOf, keyOf, textOf } from './chunks.ts'
import { deleteById } from './delete-documents.ts'
import type { OpenIntervals } from './layout.ts'
import type { HashedKind } from './move-values.ts'
import { type Channel, type ChunkUpdate, sendAll } from './send-updates.ts'
import {
  FULL,
  isOwnChunk,
  levelFor,
  newBase,
  portionsOf,
  spreadOf,
  unitsOfAll,
  type Values,
  weightOfAll,
} from './spread.ts'

/**
 * Replaces cells: the chunks of a large one are made first, which nobody reads until one update of the head makes them, and nothing else, the cell.
 * @param fieldsOf the fields of a value, and how often each is in it
 */
export async function replaceHashed(
  channel: Channel,
  cells: readonly CellReplacement[],
  intervals: OpenIntervals,
  { stored }: HashedKind,
  fieldsOf: (value: CellValue) => Values,
): Promise<void> {
  const surplus = await surplusOf(channel, cells, intervals)
  const chunks: ChunkUpdate[] = []
  const heads: ChunkUpdate[] = []
  for (const cell of cells) {
    if (cell.value === null) continue
    const interval = intervals.get(cell.interval)!
    const key = keyOf(cell, interval)
    const $max = { expireAt: interval.expireAt(key.i) }
    const put = (list: ChunkUpdate[], s: number, values: Iterable<string>, update: object): void => {
      list.push({ filter: { ...key, s }, update: { ...update, $max }, upsert: true, weight: weightOfAll(values) })
    }
    const fields = fieldsOf(cell.value)
    const asStored = (own: Values): MongoDocument =>
      Object.fromEntries(Array.from(own, ([field, times]) => [field, stored(times)]))
    const units = unitsOfAll(fields.keys())
    if (units <= FULL) {
      const $set = { h: asStored(fields), n: units }
      put(heads, 0, fields.keys(), { $set, $unset: { l: '', frozen: '', chunks: '' } })
      continue
    }
    const spread = { base: newBase(), batch: 1, level: levelFor(units) }
    const portions = portionsOf(spread, spread.level, fields)
    for (const { s, values } of portions)
      put(chunks, s, values.keys(), { $set: { h: asStored(values), batch: spread.batch } })
    const $set = { h: {}, n: 0, chunks: { ...spread, count: portions.length } }
    put(heads, 0, [], { $set, $unset: { l: '', frozen: '' } })
  }
  await sendAll(channel, chunks)
  await sendAll(channel, heads)
  await deleteById(channel.requests, surplus)
}

/** The documents of which nothing is left: all of a cell that is removed, and of the others the chunks that they have now. */
async function surplusOf(
  { requests }: Channel,
  cells: readonly CellReplacement[],
  intervals: OpenIntervals,
): Promise<unknown[]> {
  const keys = cells.map((cell) => keyOf(cell, intervals.get(cell.interval)!))
  const found = await documentsOf(requests, keys, ['s', 'chunks'])
  return cells.flatMap(({ value }, index) => {
    const documents = found.get(textOf(keys[index]!))!
    const head = documents.find(({ s }) => Number(s) === 0)
    const spread = head === undefined ? undefined : spreadOf(head)
    const isSurplus = ({ s }: MongoDocument): boolean =>
      value === null || (spread !== undefined && isOwnChunk(spread, Number(s)))
    return documents.filter(isSurplus).map(({ _id }) => _id)
  })
}
