import { type AnyBulkWriteOperation, type Collection, Double } from 'mongodb'
import { type HandCell, mergeByHand } from '../core/by-hand.ts'
import type { Event } from '../workload.ts'

const SIDE_BY_SIDE = 60

export interface Hour {
  name: string
  interval: string
  i: number
  r: number
  b: Record<string, number>
}

/** What one would write knowing that sixty buckets per document are fast: the driver's updates, without the driver. */
export async function writeChunksByHand(collection: Collection, events: readonly Event[]): Promise<void> {
  const updates = new Map<string, { cell: HandCell; fields: Record<string, Double> }>()
  for (const cell of mergeByHand(events, ['minute'])) {
    const i = Math.floor(cell.bucket / SIDE_BY_SIDE)
    const key = `${i} ${cell.name}`
    let update = updates.get(key)
    if (update === undefined) {
      update = { cell, fields: {} }
      updates.set(key, update)
    }
    update.fields[`b.${cell.bucket - i * SIDE_BY_SIDE}`] = new Double(cell.value)
  }
  const operations: AnyBulkWriteOperation[] = []
  for (const { cell, fields } of updates.values()) {
    const filter = { name: cell.name, interval: cell.interval, i: Math.floor(cell.bucket / SIDE_BY_SIDE), r: 0, s: 0 }
    operations.push({
      updateOne: { filter, update: { $inc: fields, $max: { expireAt: new Date(NEVER) } }, upsert: true },
    })
  }
  await collection.bulkWrite(operations, { ordered: false })
}

const NEVER = '9999-12-31T23:59:59.999Z'

export interface Minute {
  name: string
  interval: string
  bucket: number
  value: number
}

/** What most people write: one document per bucket. */
export async function writeCellsByHand(collection: Collection<Minute>, events: readonly Event[]): Promise<void> {
  const operations = mergeByHand(events, ['minute']).map(({ name, interval, bucket, value }) => ({
    updateOne: { filter: { name, interval, bucket }, update: { $inc: { value } }, upsert: true },
  }))
  await collection.bulkWrite(operations, { ordered: false })
}

/** A raw `find` of the documents, folded into the map that a reader wants. */
export async function readChunksByHand(
  collection: Collection<Hour>,
  name: string,
  first: number,
  last: number,
): Promise<Map<number, number>> {
  const i = { $gte: Math.floor(first / SIDE_BY_SIDE), $lt: Math.floor(last / SIDE_BY_SIDE) + 1 }
  const documents = await collection
    .find({ name, interval: 'minute', i }, { projection: { _id: 0, i: 1, b: 1 } })
    .toArray()
  const found = new Map<number, number>()
  for (const document of documents) {
    for (const [offset, value] of Object.entries(document.b))
      found.set(document.i * SIDE_BY_SIDE + Number(offset), value)
  }
  const result = new Map<number, number>()
  for (let bucket = first; bucket <= last; bucket++) result.set(bucket * 60, found.get(bucket) ?? 0)
  return result
}
