import type { MongoDocument } from '../connection/client.ts'
import type { Requests } from '../connection/requests.ts'
import { inSteps } from './delete-documents.ts'
import { BUCKETS_A_DOCUMENT } from './intervals.ts'

/**
 * Removes cells of documents that hold sixty of them or fewer, by their offsets. A document that holds no other is deleted, each in one step: so none is ever
 * left empty, which would look like one with cells.
 */
export async function removeOffsets(requests: Requests, filter: object, offsets: ReadonlySet<number>): Promise<void> {
  const others = Array.from({ length: BUCKETS_A_DOCUMENT }, (_, offset) => offset).filter((each) => !offsets.has(each))
  const held = others.map((offset) => ({ [`b.${offset}`]: { $exists: true } }))
  const unset = { $unset: Object.fromEntries(Array.from(offsets, (offset) => [`b.${offset}`, ''])) }
  for (;;) {
    const bare: unknown[] = []
    const mixed: unknown[] = []
    const options = { projection: { b: 1 }, readPreference: 'primary' }
    await requests.find(filter, options, ({ _id, b }) => {
      const found = Object.keys(b as MongoDocument)
      const removed = found.filter((offset) => offsets.has(Number(offset)))
      if (removed.length > 0) (removed.length === found.length ? bare : mixed).push(_id)
    })
    // Each only while it still is what it was: another writer may have made it one of the other kind, which the next look finds.
    const deleted = await inSteps(bare, (own) => requests.deleteMany(held.length === 0 ? own : { ...own, $nor: held }))
    const changed = await inSteps(mixed, (own) => requests.updateMany({ ...own, $or: held }, unset))
    if (deleted === bare.length && changed === mixed.length) return
  }
}
