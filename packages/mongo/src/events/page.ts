import type { EventPage, EventQuery, StoredEvent } from '@kairos/core/driver'
import type { Requests } from '../connection/requests.ts'

/** The most events in a page, and the size of the first one, when their length is still unknown. */
const MOST = 1_000
const FIRST = 8

/** Reads pages of events, each by one request for about as many as it has room for. */
export interface Pager {
  /** The first events of a range. */
  page(stream: object, query: EventQuery): Promise<EventPage>
}

/** Events after the one that fills a page were sent in vain, so the pager remembers the length of the bodies that it read last. */
export function createPager(requests: Requests): Pager {
  let usualLength: number | undefined

  function mostOf({ limit, maxLength }: EventQuery): number {
    const fitting = usualLength === undefined ? FIRST : Math.ceil(maxLength / usualLength)
    return Math.min(limit, MOST, Math.max(1, fitting))
  }

  return {
    async page(stream, query) {
      const { first, last, order, maxLength } = query
      const most = mostOf(query)
      const events: StoredEvent[] = []
      let length = 0
      await requests.find(
        { ...stream, key: { $gte: first, $lte: last } },
        { sort: { key: order === 'ascending' ? 1 : -1 }, limit: most, projection: { _id: 0, key: 1, body: 1 } },
        ({ key, body }) => {
          events.push({ key: key as string, body: body as string })
          length += (body as string).length
          return length < maxLength
        },
      )
      // If longer ones begin, the last one shows it.
      if (events.length > 0) usualLength = Math.max(length / events.length, events.at(-1)!.body.length)
      return { events, done: events.length < most && length < maxLength }
    },
  }
}
