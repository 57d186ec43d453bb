import type { Requests } from '../connection/requests.ts'
import { DELETED, deleteDocuments } from './delete-documents.ts'
import { BUCKETS_A_DOCUMENT } from './intervals.ts'

/**
 * Removes cells of documents that hold sixty of them or fewer, by their offsets. A document that holds no other is deleted, each in one step: so none is ever
 * left empty, which would look like one with cells.
 */
export async function removeOffsets(requests: Requests, filter: object, offsets: ReadonlySet<number>): Promise<void> {
  const fields = Array.from({ length: BUCKETS_A_DOCUMENT }, (_, offset) => `b.${offset}`)
  const removed = fields.filter((_, offset) => offsets.has(offset))
  const others = fields.filter((_, offset) => !offsets.has(offset))
  if (others.length === 0) {
    await deleteDocuments(requests, filter)
    return
  }
  const unset = { $unset: Object.fromEntries(removed.map((field) => [field, ''])) }
  for (;;) {
    const ids: unknown[] = []
    const options = { projection: { _id: 1 }, readPreference: 'primary' }
    await requests.find({ ...filter, $or: held(removed) }, options, ({ _id }) => ids.push(_id))
    let changed = 0
    for (let start = 0; start < ids.length; start += DELETED) {
      const own = { _id: { $in: ids.slice(start, start + DELETED) } }
      changed += await requests.deleteMany({ ...own, $nor: held(others) })
      changed += await requests.updateMany({ ...own, $or: held(others) }, unset)
    }
    // Otherwise another writer made a document one of the other kind in between.
    if (changed >= ids.length) return
  }
}

function held(fields: readonly string[]): object[] {
  return fields.map((field) => ({ [field]: { $exists: true } }))
}
