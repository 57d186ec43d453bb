import { encodeJson } from '../json/json-values.ts'
import type { AccessRecord } from './access-log.ts'
import type { HeldBytes } from './byte-budget.ts'
import { PutErrors } from './put-errors.ts'
import { httpStatus, RequestError, textOf } from './request-error.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** The one JSON object of an answer: its members, `@success`, `@took` and, where there are any, `@errors`. */
export function envelope(
  members: Readonly<Record<string, unknown>>,
  { started }: Pick<AccessRecord, 'started'>,
  { success = true, faults, status = 200, headers = {} }: EnvelopeOptions = {},
): Response {
  const took = `${(performance.now() - started).toFixed(6)}ms`
  const body = encodeJson({ ...members, ...faults?.asMembers(), '@success': success, '@took': took })
  return new Response(body, { status, headers: { ...JSON_TYPE, ...headers } })
}

interface EnvelopeOptions {
  readonly success?: boolean
  readonly faults?: PutErrors
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** The answer to a request that failed as a whole. */
export function failure(error: unknown, started: number): Response {
  const code = error !== null && typeof error === 'object' && 'code' in error ? String(error.code) : 'KAIROS_REQUEST'
  const faults = new PutErrors(1)
  faults.add(() => ({ code, message: textOf(error) }))
  return envelope(
    {},
    { started },
    {
      success: false,
      faults,
      status: httpStatus(error),
      headers: error instanceof RequestError ? error.headers : {},
    },
  )
}

const encoder = new TextEncoder()

/**
 * An answer of lines, each ended by CRLF, without an end mark: a client knows that it has all by the last HTTP chunk, so a failure on the way
 * must cut the connection. Pulls one piece at a time, when the client has taken the last one, and there is room for one. The first piece is
 * awaited, so that a store that fails at once is told by a status.
 */
export async function lines(
  pieces: AsyncGenerator<string, void, void>,
  access: AccessRecord,
  held: HeldBytes,
): Promise<Response> {
  const read = (): Promise<IteratorResult<string, void>> => held.budget.fetch(() => pieces.next())
  let next: IteratorResult<string, void> | undefined = await read()
  if (!next.done) held.add(next.value.length)
  access.streamed = true
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          // What was given out before has been taken.
          if (next === undefined) held.release()
          const piece = next ?? (await read())
          const isFirst = next !== undefined
          next = undefined
          if (access.hasEnded) return
          if (piece.done) {
            controller.close()
            access.end()
          } else {
            const bytes = encoder.encode(piece.value)
            if (!isFirst) held.add(bytes.length)
            controller.enqueue(bytes)
          }
        } catch (error) {
          controller.error(error)
          access.end(error)
        }
      },
      async cancel() {
        access.end()
        await pieces.return()
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { headers: JSON_TYPE })
}
