import { KairosError } from '@kairos/core'
import { RequestFault } from './faults.ts'

/**
 * The text of a request's body, whatever its content type says.
 * @throws 413 when it is longer than `maxBytes`; KAIROS_INVALID_VALUE when it is not UTF-8
 */
export async function readBody(request: Request, maxBytes: number): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const pieces: Uint8Array[] = []
  let length = 0
  // Of a body that does not say its length, what is too much is let pass by: to stop reading would cut the connection before the answer.
  for await (const piece of request.body ?? []) {
    length += piece.length
    if (length <= maxBytes) pieces.push(piece)
    else pieces.length = 0
  }
  if (length > maxBytes) throw tooLarge(maxBytes)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(join(pieces, length))
  } catch {
    throw new KairosError('KAIROS_INVALID_VALUE', 'the body is not UTF-8')
  }
}

function join(pieces: readonly Uint8Array[], length: number): Uint8Array {
  if (pieces.length === 1) return pieces[0]!
  const whole = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

function tooLarge(maxBytes: number): RequestFault {
  return new RequestFault(413, `the body is longer than ${maxBytes} bytes; send fewer events at a time`)
}
