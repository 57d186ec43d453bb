import { KairosError } from '@kairos/core'
import { abortable } from '@kairos/core/driver'
import type { HeldBytes } from './byte-budget.ts'
import { busy, RequestError } from './request-error.ts'

const FIRST_ROOM = 16_384

/**
 * The text of a request's body, whatever its content type says.
 * @throws 413 when it is longer than `maxBodyBytes`, 408 when it takes longer than `bodyTimeout`, 503 when all bodies together hold too much;
 * KAIROS_INVALID_VALUE when it is not UTF-8
 */
export async function readBody(
  request: Request,
  { maxBodyBytes, bodyTimeout }: { readonly maxBodyBytes: number; readonly bodyTimeout: number },
  held: HeldBytes,
): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBodyBytes) throw tooLarge(maxBodyBytes)
  const reader = request.body?.getReader()
  if (reader === undefined) return ''
  const body = new Bytes()
  const late = AbortSignal.timeout(bodyTimeout)
  let length = 0
  try {
    for (;;) {
      const { done, value } = await abortable(reader.read(), late)
      if (done) break
      length += value.length
      if (length > maxBodyBytes) continue // Of a body that does not say its length, what is too much is let pass by: the answer would not arrive.
      if (held.budget.isFull) throw busy('the server holds as many bodies as it may')
      held.add(value.length)
      body.add(value)
    }
  } catch (error) {
    reader.cancel().catch(() => {})
    throw late.aborted ? new RequestError(408, `the body did not arrive within ${bodyTimeout} ms`) : error
  }
  if (length > maxBodyBytes) throw tooLarge(maxBodyBytes)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body.view())
  } catch {
    throw new KairosError('KAIROS_INVALID_VALUE', 'the body is not UTF-8')
  }
}

/** Bytes in one piece, in at most twice their room: a body may come in chunks of one byte, each of which would take a hundred. */
class Bytes {
  #bytes = new Uint8Array(FIRST_ROOM)
  #length = 0

  add(piece: Uint8Array): void {
    const length = this.#length + piece.length
    if (length > this.#bytes.length) {
      const largerKey = new Uint8Array(Math.max(length, this.#bytes.length * 2))
      largerKey.set(this.view())
      this.#bytes = largerKey
    }
    this.#bytes.set(piece, this.#length)
    this.#length = length
  }

  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }
}

function tooLarge(maxBytes: number): RequestError {
  return new RequestError(413, `the body is longer than ${maxBytes} bytes; send fewer events at a time`)
}
