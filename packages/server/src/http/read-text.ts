import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { bodyText, type HeldBytes, RequestError, readBody, readBytes } from '@kairos/events/http'
import type { ServerLimits } from './limits.ts'

const unzip = promisify(gunzip)

/**
 * The body of a request as text, also of one that is compressed with gzip, as Telegraf's are: neither form may be longer than the limit.
 * @throws as `readBody`
 */
export async function readText(request: Request, limits: ServerLimits, held: HeldBytes): Promise<string> {
  if (request.headers.get('content-encoding')?.toLowerCase() !== 'gzip') return readBody(request, limits, held)
  const zipped = await readBytes(request, limits, held)
  const { maxBodyBytes } = limits
  let bytes: Buffer
  try {
    // A few at a time: how large they become shows only then.
    bytes = await held.budget.read(() => unzip(zipped, { maxOutputLength: maxBodyBytes }))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw new RequestError(413, `the body must be at most ${maxBodyBytes} bytes without its compression`)
    throw new RequestError(400, 'the body must be what its content encoding says: gzip')
  }
  held.add(bytes.length)
  return bodyText(bytes)
}
