import { keyFrom } from '../event.ts'
import { type JsonValue, parseJson } from '../json/values.ts'
import type { StreamEvent } from '../types.ts'

/** How this package's server begins each line. The rest then seldom has a number that a double cannot hold, and is read much faster. */
const HEAD = /^\{"@id":"([0-9a-f-]{36})","@time":(-?\d+)([,}])/

/** An event from its line. */
export function eventOfLine(line: string): StreamEvent {
  const head = HEAD.exec(line)
  if (head !== null) {
    const [start, id, time, next] = head
    const rest = next === '}' ? '{}' : `{${line.slice(start.length)}`
    return { '@id': id!, '@time': BigInt(time!), ...(parseJson(rest) as Readonly<Record<string, JsonValue>>) }
  }
  const event = parseJson(line) as Readonly<Record<string, JsonValue>>
  const { '@id': id, '@time': time } = event
  keyFrom(id)
  if (typeof time !== 'bigint' && !Number.isSafeInteger(time))
    throw new Error(`an event without a time: ${line.slice(0, 100)}`)
  return { ...event, '@id': id as string, '@time': BigInt(time as bigint) }
}

/** The lines of a body, as they come. A last one that is not ended is left out: it is half of one. */
export async function* linesIn(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[], void, void> {
  const decoder = new TextDecoder()
  let begun = ''
  for await (const piece of pieces) {
    const lines = (begun + decoder.decode(piece, { stream: true })).split('\n')
    begun = lines.pop()!
    // Empty lines may be sent to keep the connection alive.
    yield lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line)).filter((line) => line !== '')
  }
}
