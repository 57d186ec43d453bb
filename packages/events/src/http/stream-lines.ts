import type { AccessRecord } from './access-log.ts'
import type { HeldBytes } from './byte-budget.ts'
import { JSON_TYPE } from './envelope.ts'

const encoder = new TextEncoder()

/**
 * A response of lines, each terminated by CRLF. It has no end mark: a client knows by the last HTTP chunk that it has everything, so a failure
 * midway must cut the connection. Pulls one piece at a time, when the client has taken the last one and the budget has room. Waits for the first
 * piece, so that a store that fails immediately is reported by the status.
 */
export async function streamLines(
  pieces: AsyncGenerator<string, void, void>,
  access: AccessRecord,
  held: HeldBytes,
): Promise<Response> {
  const read = (): Promise<IteratorResult<string, void>> => held.budget.read(() => pieces.next())
  let next: IteratorResult<string, void> | undefined = await read()
  if (!next.done) held.add(next.value.length)
  access.streamed = true
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          // The client has taken the previous piece.
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
