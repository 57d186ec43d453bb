import type { CellQuery } from '@kairos/core/driver'
import type { Requests } from '../connection/requests.ts'
import { deleteDocuments } from './delete-documents.ts'
import type { OpenInterval } from './intervals.ts'
import { nameFilter, nameParts } from './name-parts.ts'
import { removeOffsets } from './remove-offsets.ts'

/** Deletes the cells of a range: the documents that lie inside it, and the buckets of those at its ends. */
export async function deleteRange(
  requests: Requests,
  { key, pack }: OpenInterval,
  { names, range }: Pick<CellQuery, 'names' | 'range'>,
): Promise<void> {
  const [first, last] = [Math.floor(range.first / pack), Math.floor(range.last / pack)]
  const [from, to] = [range.first - first * pack, range.last - last * pack]
  const end = pack - 1
  const whole = { $gte: from === 0 ? first : first + 1, $lt: to === end ? last + 1 : last }
  const edges =
    first === last
      ? [{ i: first, first: from, last: to }]
      : [
          { i: first, first: from, last: end },
          { i: last, first: 0, last: to },
        ]
  for (const part of nameParts(names)) {
    const filter = { name: nameFilter(part), interval: key }
    if (whole.$gte < whole.$lt) await deleteDocuments(requests, { ...filter, i: whole })
    for (const edge of edges) {
      if (edge.first === 0 && edge.last === end) continue
      const offsets = Array.from({ length: edge.last - edge.first + 1 }, (_, index) => edge.first + index)
      await removeOffsets(requests, { ...filter, i: edge.i }, new Set(offsets))
    }
  }
}
