import { RequestError } from '@kairos/events/http'
import type { ServerContext, ServerRequest } from '../../http/route.ts'
import { zoneClock } from '../zone-clock.ts'
import { fieldOf, rangeOf } from './fields.ts'

/** Events that a request may read: a panel draws a line for each. */
const MOST_EVENTS = 10_000
const TICKS_A_SECOND = 10_000_000n

/** An event as Graphite's clients read it. */
interface Annotation {
  readonly id: string
  /** Unix seconds. */
  readonly when: number
  readonly what: string
  readonly tags: readonly string[]
  readonly data: string
}

/** The answer to `/events/get_data`: events of the streams that `tags` names, or of all of them, which have all these tags. The stream is one of them. */
export async function annotations(
  { fields, signal }: ServerRequest,
  { events, now }: ServerContext,
): Promise<Response> {
  if (events === undefined) return Response.json([])
  const { store } = events
  const range = rangeOf(fields, zoneClock(fieldOf(fields, 'tz') ?? 'UTC'), now())
  const asked = tagsIn(fieldOf(fields, 'tags') ?? '')
  const streams = await store.streams({ signal })
  const named = streams.filter((stream) => asked.includes(stream))
  const found: Annotation[] = []
  let read = 0
  for (const stream of named.length > 0 ? named : streams) {
    for await (const { '@id': id, '@time': time, ...members } of store.get(stream, { ...range, signal })) {
      if (++read > MOST_EVENTS)
        throw new RequestError(
          400,
          `a request must read at most ${MOST_EVENTS} events: name a stream in tags, or ask for a shorter time`,
        )
      const annotation = { id, when: Number(time / TICKS_A_SECOND), ...shownOf(stream, members) }
      if (asked.every((tag) => annotation.tags.includes(tag))) found.push(annotation)
    }
  }
  return Response.json(found.sort((one, other) => one.when - other.when))
}

function shownOf(
  stream: string,
  { what, tags, data, ...others }: { readonly [member: string]: unknown },
): Pick<Annotation, 'what' | 'tags' | 'data'> {
  return {
    what: typeof what === 'string' ? what : stream,
    tags: [stream, ...(Array.isArray(tags) ? tags.map(String) : tagsIn(String(tags ?? '')))],
    data: typeof data === 'string' ? data : textOf({ ...(data !== undefined && { data }), ...others }),
  }
}

/** Graphite separates tags by spaces, some of its clients by commas. */
function tagsIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((tag) => tag !== '')
}

function textOf(members: object): string {
  return Object.keys(members).length === 0 ? '' : JSON.stringify(members)
}
