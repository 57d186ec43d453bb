import type { CellReplacement, CellValue } from '@kairos/core/driver'
import type { MongoDocument } from '../connection/client.ts'
import { chunksOf, keyOf } from './chunks.ts'
import { deleteById } from './delete-documents.ts'
import type { OpenIntervals } from './layout.ts'
import { type Channel, type ChunkUpdate, sendAll } from './send-updates.ts'

/** What a chunk is to hold. */
export interface WholeChunk {
  readonly s: number
  readonly fields: MongoDocument
  /** Its approximate size in bytes. */
  readonly weight: number
}

/**
 * Replaces cells that may have several chunks: those that hold the value are set, each in one step, and then the others are deleted. A cell that was and
 * becomes one chunk is replaced in one step. Of one with several, a reader may see a part, and what is added meanwhile may be lost.
 */
export async function replaceChunks(
  channel: Channel,
  cells: readonly CellReplacement[],
  intervals: OpenIntervals,
  chunksFor: (value: CellValue) => readonly WholeChunk[],
): Promise<void> {
  const before = await chunksOf(channel, cells, intervals)
  const updates: ChunkUpdate[] = []
  const surplus: unknown[] = []
  for (const cell of cells) {
    const interval = intervals.get(cell.interval)!
    const key = keyOf(cell, interval)
    const chunks = cell.value === null ? [] : chunksFor(cell.value)
    for (const { s, fields, weight } of chunks) {
      const update = { $set: fields, $max: { expireAt: interval.expireAt(key.i) } }
      updates.push({ filter: { ...key, s }, update, upsert: true, weight })
    }
    const kept = new Set(chunks.map(({ s }) => s))
    for (const { _id, s } of before.get(cell)!) if (!kept.has(s)) surplus.push(_id)
  }
  await sendAll(channel, updates)
  await deleteById(channel.requests, surplus)
}
