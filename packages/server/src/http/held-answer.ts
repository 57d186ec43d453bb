import { type ByteBudget, HeldBytes, RequestError, serverBusy } from '@kairos/events/http'

/** Bytes of an answer that need not be counted. */
const SMALL = 16_384

/**
 * An answer whose bytes are held from when they are made until the client has taken them, or has left: one that reads nothing could have a thousand
 * answers of tens of megabytes made for it.
 * @throws 503 where others hold as much as all may; 400 for an answer that is longer than that by itself
 */
export async function heldAnswer(answer: Response, budget: ByteBudget, most: number): Promise<Response> {
  const pieces: Uint8Array[] = []
  const held = new HeldBytes(budget)
  let [length, counted] = [0, 0]
  try {
    for await (const piece of answer.body ?? []) {
      pieces.push(piece)
      length += piece.length
      if (length > most)
        throw new RequestError(
          400,
          `an answer must have at most ${most} bytes (server.limits.maxBufferedBytes): ask for less`,
        )
      if (length <= SMALL) continue
      if (budget.isFull) throw serverBusy('the server already holds as many bytes of answers as it may')
      held.add(length - counted)
      counted = length
    }
  } catch (error) {
    held.release()
    throw error
  }
  if (length <= SMALL) return new Response(length === 0 ? null : Buffer.concat(pieces), answer)
  return new Response(
    remaining(pieces, () => held.release()),
    answer,
  )
}

function remaining(pieces: Uint8Array[], release: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      pull(controller) {
        const next = pieces.shift()
        if (next !== undefined) return controller.enqueue(next)
        // Asked for more, the client has taken the last one.
        release()
        controller.close()
      },
      cancel: release,
    },
    { highWaterMark: 0 },
  )
}
