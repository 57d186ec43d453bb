import { jsonOf } from '../json/values.ts'
import type { Access } from './access.ts'
import { RequestFault, statusOf, textOf } from './faults.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** An error beside the answer, as `@errors` and `@details` tell it. */
export interface EventFault {
  readonly code: string
  readonly stream?: string
  /** Which of the stream's events, from 0. */
  readonly index?: number
  readonly message: string
}

/** The one JSON object of an answer: its members, `@success`, `@took` and, where there are any, `@errors`. */
export function envelope(
  members: Readonly<Record<string, unknown>>,
  { started }: Pick<Access, 'started'>,
  { success = true, faults = [], status = 200, headers = {} }: EnvelopeOptions = {},
): Response {
  const errors = faults.length === 0 ? {} : { '@errors': faults.map(({ message }) => message), '@details': faults }
  const took = `${(performance.now() - started).toFixed(6)}ms`
  const body = jsonOf({ ...members, ...errors, '@success': success, '@took': took })
  return new Response(body, { status, headers: { ...JSON_TYPE, ...headers } })
}

interface EnvelopeOptions {
  readonly success?: boolean
  readonly faults?: readonly EventFault[]
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** The answer to a request that failed as a whole. */
export function failure(error: unknown, started: number): Response {
  const code = error !== null && typeof error === 'object' && 'code' in error ? String(error.code) : 'KAIROS_REQUEST'
  return envelope(
    {},
    { started },
    {
      success: false,
      faults: [{ code, message: textOf(error) }],
      status: statusOf(error),
      headers: error instanceof RequestFault ? error.headers : {},
    },
  )
}

const encoder = new TextEncoder()

/**
 * An answer of lines, each ended by CRLF, without an end mark: a client knows that it has all by the last HTTP chunk, so a failure on the way
 * must cut the connection. Pulls one piece at a time, when the client has taken the last one. The first piece is awaited, so that a store that
 * fails at once is told by a status.
 */
export async function lines(pieces: AsyncGenerator<string, void, void>, access: Access): Promise<Response> {
  let next: IteratorResult<string, void> | undefined = await pieces.next()
  access.streamed = true
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const piece = next ?? (await pieces.next())
          next = undefined
          if (piece.done) {
            controller.close()
            access.end()
          } else {
            controller.enqueue(encoder.encode(piece.value))
          }
        } catch (error) {
          controller.error(error)
          access.end(error)
        }
      },
      async cancel() {
        await pieces.return()
        access.end()
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { headers: JSON_TYPE })
}
