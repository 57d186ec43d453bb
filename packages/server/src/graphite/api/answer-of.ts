import { turn } from '../turns.ts'

/** Characters that are made before others have a turn. */
const PIECE = 262_144

/** An answer of many parts. A long one is made in pieces while it is taken: millions of points would hold up all else. */
export function answerOf(parts: Iterable<string>, type: string): Response {
  const pieces = piecesOf(parts)
  const first = pieces.next().value ?? ''
  const body = first.length < PIECE ? first : ReadableStream.from(encoded(first, pieces))
  return new Response(body, { headers: { 'content-type': type } })
}

async function* encoded(first: string, others: Iterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  yield encoder.encode(first)
  for (const piece of others) {
    await turn()
    yield encoder.encode(piece)
  }
}

function* piecesOf(parts: Iterable<string>): Generator<string, void> {
  let piece = ''
  for (const part of parts) {
    piece += part
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  yield piece
}
