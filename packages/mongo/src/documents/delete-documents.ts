import type { Requests } from '../connection/requests.ts'

/** How many documents one request looks up, and how many one deletes: few enough to end in time. */
const LOOKED_UP = 20_000
const DELETED = 2_000

/** Deletes all documents of the filter in bounded steps; resolves to how many it deleted. */
export async function deleteDocuments(requests: Requests, filter: object): Promise<number> {
  let deleted = 0
  for (;;) {
    const ids: unknown[] = []
    await requests.find(filter, { projection: { _id: 1 }, limit: LOOKED_UP }, ({ _id }) => ids.push(_id))
    for (let start = 0; start < ids.length; start += DELETED)
      deleted += await requests.deleteMany({ _id: { $in: ids.slice(start, start + DELETED) } })
    if (ids.length < LOOKED_UP) return deleted
  }
}
