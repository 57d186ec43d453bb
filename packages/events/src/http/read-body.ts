import { KairosError } from '@kairos/core'
import { abortable } from '@kairos/core/driver'
import type { HeldBytes } from './byte-budget.ts'
import { RequestError, serverBusy } from './request-error.ts'

const FIRST_ROOM = 16_384

/**
 * Reads the body of a request as text, whatever its content type.
 * @example const text = await readBody(request, { maxBodyBytes: 1_000_000, bodyTimeout: 10_000 }, new HeldBytes(budget))
 * @throws 415 if it is compressed, 413 if it is longer than `maxBodyBytes`, 408 if it takes longer than `bodyTimeout`, 503 if all bodies together hold too many bytes, 400 if it is cut;
 * KAIROS_INVALID_VALUE if it is not UTF-8
 */
export async function readBody(
  request: Request,
  { maxBodyBytes, bodyTimeout }: { readonly maxBodyBytes: number; readonly bodyTimeout: number },
  held: HeldBytes,
): Promise<string> {
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  const transfer = request.headers.get('transfer-encoding') ?? 'chunked'
  if (encoding.toLowerCase() !== 'identity' || transfer.toLowerCase() !== 'chunked')
    throw new RequestError(415, 'the body must be sent without a content encoding')
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
      if (length > maxBodyBytes) continue // The excess of a body of unknown length is read and dropped: otherwise the response would not arrive.
      if (held.budget.isFull) throw serverBusy('the server already holds as many request bodies as it may')
      held.add(value.length)
      body.add(value)
    }
  } catch (error) {
    reader.cancel().catch(() => {})
    if (late.aborted) throw new RequestError(408, `the body did not arrive within ${bodyTimeout} ms`)
    throw error instanceof RequestError
      ? error
      : new RequestError(400, 'the body must arrive whole; the client disconnected')
  }
  if (length > maxBodyBytes) throw tooLarge(maxBodyBytes)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body.view())
  } catch {
    throw new KairosError('KAIROS_INVALID_VALUE', 'the body must be UTF-8')
  }
}

/** Bytes in one buffer of at most twice their size: a body may arrive in chunks of one byte, each of which would take a hundred. */
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
  return new RequestError(413, `the body must be at most ${maxBytes} bytes; send fewer events at a time`)
}
