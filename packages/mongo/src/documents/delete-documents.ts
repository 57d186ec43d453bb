import type { Requests } from '../connection/requests.ts'

/** How many documents one request looks up, and how many one deletes: few enough to end in time. */
const LOOKED_UP = 20_000
const DELETED = 2_000

/** Deletes all documents of the filter in bounded steps; resolves to how many it deleted. */
export async function deleteDocuments(requests: Requests, filter: object): Promise<number> {
  let deleted = 0
  for (;;) {
    const ids: unknown[] = []
    const options = { projection: { _id: 1 }, limit: LOOKED_UP, readPreference: 'primary' }
    await requests.find(filter, options, ({ _id }) => ids.push(_id))
    deleted += await deleteById(requests, ids)
    if (ids.length < LOOKED_UP) return deleted
  }
}

export function deleteById(requests: Requests, ids: readonly unknown[]): Promise<number> {
  return inSteps(ids, (own) => requests.deleteMany(own))
}

/** Works on a bounded number of documents at a time, by a filter; resolves to the sum of the results. */
export async function inSteps(ids: readonly unknown[], work: (own: object) => Promise<number>): Promise<number> {
  let sum = 0
  for (let start = 0; start < ids.length; start += DELETED)
    sum += await work({ _id: { $in: ids.slice(start, start + DELETED) } })
  return sum
}
