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
 * @throws KAIROS_STORE_FAILED if the last line is not terminated, since the response was cut without HTTP noticing; if a line does not end; if it
 * is not UTF-8
 */
export async function* readLines(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[], void, void> {
  const decode = decoderOf(path)
  // The pieces of the unfinished line, joined when it ends: a long line arrives in many pieces.
  let begun: string[] = []
  let length = 0
  for await (const piece of pieces) {
    const lines = decode(piece).split('\n')
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

/** Decodes UTF-8 piece by piece. Without `fatal`, a decoder would put other characters in the place of invalid bytes. */
function decoderOf(path: string): (piece: Uint8Array) => string {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  return (piece) => {
    try {
      return decoder.decode(piece, { stream: true })
    } catch (error) {
      throw invalidResponse(path, 'bytes that are not UTF-8', error)
    }
  }
}
