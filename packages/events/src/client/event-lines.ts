import { parseId } from '../event/keys.ts'
import { addToJson } from '../json/event-json.ts'
import { parseJson } from '../json/json-values.ts'
import type { AnyMembers, StreamEvent } from '../types.ts'
import { invalidResponse } from './responses.ts'
import { endlessResponse, LONGEST_TEXT } from './transport.ts'

/** How this package's server begins each line. The rest rarely has a number that a double cannot hold, so it is parsed much faster. */
const HEAD = /^\{"@id":"([0-9a-f-]{36})","@time":(-?\d+)([,}])/

/** Parses the line of an event. */
export function parseLine(line: string): StreamEvent {
  const head = HEAD.exec(line)
  if (head !== null) {
    const [start, id, time, next] = head
    const rest = next === '}' ? '{}' : `{${line.slice(start.length)}`
    return addToJson({ '@id': id!, '@time': BigInt(time!), ...(parseJson(rest) as AnyMembers) })
  }
  const event = parseJson(line) as AnyMembers
  const { '@id': id, '@time': time } = event
  parseId(id, '@id')
  if (typeof time !== 'bigint' && !Number.isSafeInteger(time))
    throw new Error(`event without @time: ${line.slice(0, 100)}`)
  return addToJson({ ...event, '@id': id as string, '@time': BigInt(time as bigint) })
}

/**
 * The lines of a response, as they arrive.
 * @throws KAIROS_STORE_FAILED if the last line is not terminated: the response was cut without HTTP noticing. And if a line does not end
 */
export async function* readLines(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[], void, void> {
  const decoder = new TextDecoder()
  // The pieces of the unfinished line, joined when it ends: a long line arrives in many pieces.
  let begun: string[] = []
  let length = 0
  for await (const piece of pieces) {
    const lines = decoder.decode(piece, { stream: true }).split('\n')
    const rest = lines.pop()!
    if (lines.length > 0) {
      lines[0] = begun.join('') + lines[0]
      begun = []
      length = 0
      // A server may send empty lines to keep the connection alive.
      yield lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line)).filter((line) => line !== '')
    }
    begun.push(rest)
    length += rest.length
    if (length > LONGEST_TEXT) throw endlessResponse(path)
  }
  const cut = begun.join('')
  if (cut !== '') throw invalidResponse(path, cut)
}
