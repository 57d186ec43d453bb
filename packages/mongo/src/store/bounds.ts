import type { BucketRange, CellQuery } from '@kairos/core/driver'
import type { Requests } from '../connection/requests.ts'
import type { OpenInterval } from '../documents/intervals.ts'
import type { HeadsOnly } from '../documents/layout.ts'
import { nameParts } from '../documents/name-parts.ts'
import { offsetIn } from '../documents/packed-layout.ts'
import { filterOf } from './document-query.ts'

/** The first and last bucket in the range that have a cell; null: there is none. */
export async function boundsOf(
  requests: Requests,
  interval: OpenInterval,
  query: CellQuery,
  more: HeadsOnly,
): Promise<BucketRange | null> {
  const first = await edgeOf(requests, interval, query, more, 'first')
  if (first === null) return null
  const last = await edgeOf(requests, interval, query, more, 'last')
  return last === null ? null : { first, last }
}

async function edgeOf(
  requests: Requests,
  interval: OpenInterval,
  query: CellQuery,
  more: HeadsOnly,
  edge: keyof BucketRange,
): Promise<number | null> {
  const edges: number[] = []
  for (const names of nameParts(query.names)) {
    const found = await edgeOfPart(requests, interval, { ...query, names }, more, edge)
    if (found !== null) edges.push(found)
  }
  if (edges.length === 0) return null
  return edge === 'first' ? Math.min(...edges) : Math.max(...edges)
}

/**
 * The bucket nearest to one end of the range; null: there is none. All buckets of the document at the edge may lie outside the range, but none of
 * the next one of the same name: so two documents for each name are enough.
 */
async function edgeOfPart(
  requests: Requests,
  interval: OpenInterval,
  query: CellQuery,
  more: HeadsOnly,
  edge: keyof BucketRange,
): Promise<number | null> {
  const { names, range } = query
  const direction = edge === 'first' ? 1 : -1
  const packed = interval.pack > 1
  const options = {
    sort: { i: direction },
    limit: packed ? 2 * names.length : 1,
    projection: { _id: 0, i: 1, ...(packed && { b: 1 }) },
  }
  let nearest: number | null = null
  await requests.find({ ...filterOf(query, interval), ...more }, options, ({ i, b }) => {
    for (const field of packed ? Object.keys(b as object) : ['0']) {
      const bucket = interval.bucketAt(Number(i), offsetIn(field))
      if (bucket < range.first || bucket > range.last) continue
      if (nearest === null || (bucket - nearest) * direction < 0) nearest = bucket
    }
  })
  return nearest
}
