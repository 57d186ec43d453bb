import { type ByteBudget, HeldBytes, serverBusy } from '@kairos/events/http'

/** Bytes of an answer that need not be counted. */
const SMALL = 65_536

/**
 * An answer whose bytes are held until the client has taken them, or has left: one that reads nothing could have a thousand answers of tens of
 * megabytes made for it.
 * @throws 503 where others hold as much as all may
 */
export async function heldAnswer(answer: Response, budget: ByteBudget): Promise<Response> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of answer.body ?? []) {
    pieces.push(piece)
    length += piece.length
  }
  if (length <= SMALL) return new Response(length === 0 ? null : Buffer.concat(pieces), answer)
  if (budget.isFull) throw serverBusy('the server already holds as many bytes of answers as it may')
  const held = new HeldBytes(budget)
  held.add(length)
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
