import type { EventPage, EventQuery, StoredEvent } from '@kairos/core/driver'
import type { Requests } from '../connection/requests.ts'

/** Events of one request, and of the first one, when nothing is known of their length. */
const MOST = 1_000
const FIRST = 16

/** Reads pages of events, by requests of about as many as a page has room for. */
export interface Pager {
  /** The first events of a range. */
  page(stream: object, query: EventQuery): Promise<EventPage>
}

/** The length of the bodies that were read is remembered, so that most pages are one request. */
export function createPager(requests: Requests): Pager {
  let usualLength: number | undefined

  function requestSize(room: number): number {
    if (usualLength === undefined) return FIRST
    return Math.max(1, Math.min(MOST, Math.ceil((1.2 * room) / usualLength)))
  }

  return {
    async page(stream, { first, last, order, limit, maxLength }) {
      const events: StoredEvent[] = []
      let length = 0
      let range: object = { $gte: first, $lte: last }
      for (;;) {
        const asked = Math.min(limit - events.length, requestSize(maxLength - length))
        const before = { events: events.length, length }
        await requests.find(
          { ...stream, key: range },
          { sort: { key: order === 'ascending' ? 1 : -1 }, limit: asked, projection: { _id: 0, key: 1, body: 1 } },
          ({ key, body }) => {
            events.push({ key: key as string, body: body as string })
            length += (body as string).length
            return length < maxLength
          },
        )
        const found = events.length - before.events
        if (found > 0) usualLength = Math.max(1, (length - before.length) / found)
        if (length >= maxLength) return { events, done: false }
        if (found < asked) return { events, done: true }
        if (events.length === limit) return { events, done: false }
        const reached = events.at(-1)!.key
        range = order === 'ascending' ? { $gt: reached, $lte: last } : { $gte: first, $lt: reached }
      }
    },
  }
}
