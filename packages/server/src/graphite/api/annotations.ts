import { RequestError } from '@kairos/events/http'
import type { ServerContext, ServerRequest } from '../../http/route.ts'
import { zoneClock } from '../zone-clock.ts'
import { fieldOf, rangeOf } from './fields.ts'

/** Events that a request may read: a panel draws a line for each. */
const MOST_EVENTS = 10_000
/** Characters of what is shown, which are held until all of it was read. */
const MOST_CHARACTERS = 4_000_000
const MOST_TAGS = 100
const LONGEST_TAGS = 16_384
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
  const asked = askedIn(fields)
  const streams = await store.streams({ signal })
  const named = streams.filter((stream) => asked.includes(stream))
  const found: Annotation[] = []
  let [read, characters] = [0, 0]
  for (const stream of named.length > 0 ? named : streams) {
    for await (const { '@id': id, '@time': time, ...members } of store.get(stream, { ...range, signal })) {
      if (++read > MOST_EVENTS)
        throw new RequestError(
          400,
          `a request must read at most ${MOST_EVENTS} events: name a stream in tags, or ask for a shorter time`,
        )
      const annotation = { id, when: Number(time / TICKS_A_SECOND), ...shownOf(stream, members) }
      const own = new Set(annotation.tags)
      if (!asked.every((tag) => own.has(tag))) continue
      characters += annotation.what.length + annotation.data.length + annotation.tags.join().length
      if (characters > MOST_CHARACTERS)
        throw new RequestError(
          400,
          `an answer must show at most ${MOST_CHARACTERS} characters of events: ask for more tags, or for a shorter time`,
        )
      found.push(annotation)
    }
  }
  return Response.json(found.sort((one, other) => one.when - other.when))
}

/** @throws RequestError */
function askedIn(fields: URLSearchParams): string[] {
  const text = fieldOf(fields, 'tags') ?? ''
  if (text.length > LONGEST_TAGS)
    throw new RequestError(400, `tags must have at most ${LONGEST_TAGS} characters, not ${text.length}`)
  const asked = [...new Set(tagsIn(text))]
  if (asked.length > MOST_TAGS) throw new RequestError(400, `tags must be at most ${MOST_TAGS}, not ${asked.length}`)
  return asked
}

function shownOf(
  stream: string,
  { what, tags, data, ...others }: { readonly [member: string]: unknown },
): Pick<Annotation, 'what' | 'tags' | 'data'> {
  return {
    what: typeof what === 'string' ? what : stream,
    tags: [stream, ...tagsOf(tags)],
    data: typeof data === 'string' ? data : textOf({ ...(data !== undefined && { data }), ...others }),
  }
}

/** Events are anybody's: of tags that are neither texts nor numbers, none. */
function tagsOf(tags: unknown): string[] {
  const isTag = (tag: unknown): boolean => ['string', 'number', 'bigint'].includes(typeof tag)
  if (Array.isArray(tags)) return tags.filter(isTag).map(String)
  return isTag(tags) ? tagsIn(String(tags)) : []
}

/** Graphite separates tags by spaces, some of its clients by commas. */
function tagsIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((tag) => tag !== '')
}

function textOf(members: object): string {
  return Object.keys(members).length === 0 ? '' : JSON.stringify(members, plain)
}

/** Integers beyond a double, which JSON of this language cannot write. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
