import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type HeldBytes, RequestError, readBody } from '@kairos/events/http'
import type { ServerLimits } from './limits.ts'

/**
 * The body of a request as text, also of one that is compressed with gzip, as Telegraf's are: neither form may be longer than the limit.
 * @throws as `readBody`
 */
export function readText(request: Request, limits: ServerLimits, held: HeldBytes): Promise<string> {
  const { body } = request
  if (body === null || request.headers.get('content-encoding')?.toLowerCase() !== 'gzip')
    return readBody(request, limits, held)
  const headers = new Headers(request.headers)
  headers.delete('content-encoding')
  const pieces = ReadableStream.from(unzipped(body, limits))
  return readBody(new Request(request.url, { method: 'POST', headers, body: pieces, duplex: 'half' }), limits, held)
}

/** Ends at the limit: what follows may be a thousand times as long as what was sent. */
async function* unzipped(
  body: NonNullable<Request['body']>,
  { maxBodyBytes }: ServerLimits,
): AsyncGenerator<Uint8Array, void, void> {
  let length = 0
  try {
    for await (const piece of pipeline(Readable.fromWeb(body as never), createGunzip(), () => {})) {
      length += piece.length
      if (length > maxBodyBytes) break
      yield piece
    }
  } catch {
    throw new RequestError(400, 'the body must be gzip, as its content encoding says')
  }
  if (length > maxBodyBytes)
    throw new RequestError(413, `the body must be at most ${maxBodyBytes} bytes without its compression`)
}
