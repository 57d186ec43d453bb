import { createYielder } from '@kairos/core/driver'
import type { ServerContext, ServerRequest } from '../http/route.ts'
import type { Fault } from '../write/reasons.ts'

/** After this many it is seen whether others should have a turn: a line of InfluxDB may have thousands of values. */
const AT_ONCE = 10
/** Faults that an answer lists. */
const MOST_TOLD = 20

/** What became of what a request sent. */
export interface Taken {
  accepted: number
  rejected: number
  /** The first 20. `index`: which of the points or lines it was, from 0. */
  readonly errors: { readonly index: number; readonly reason: string; readonly message?: string }[]
}

/** Takes everything that a request sent, no faster than it can be written. What is wrong with it becomes dead letters. */
export async function takeAll<T>(
  all: Iterable<T>,
  take: (one: T) => { readonly faults: readonly Fault[]; readonly accepted: number },
  show: (one: T) => string,
  { writer, inbound }: ServerContext,
  request: ServerRequest,
): Promise<Taken> {
  const { stats, deadLetters } = inbound
  const source = `http ${request.path}`
  const taken: Taken = { accepted: 0, rejected: 0, errors: [] }
  const turn = createYielder()
  let index = 0
  stats.http.bytes += Buffer.byteLength(request.body)
  for (const one of all) {
    const { faults, accepted } = take(one)
    taken.accepted += accepted
    stats.http.accepted += accepted
    for (const fault of faults) {
      taken.rejected++
      stats.http.rejected++
      if (taken.errors.length < MOST_TOLD) taken.errors.push({ index, ...fault })
      deadLetters.add(fault, source, show(one))
    }
    index++
    if (index % AT_ONCE === 0) await turn()
    while (writer.isFull) await writer.ready()
  }
  return taken
}
