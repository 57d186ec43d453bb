import type { Readable } from 'node:stream'

/** The pieces of an input, until the signal ends it, even while nothing comes: `stopIfAsked` then throws. */
export async function* untilAborted(
  input: Readable,
  signal: AbortSignal,
  stopIfAsked: () => void,
): AsyncGenerator<Uint8Array> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  const onAbort = (): void => resolve()
  signal.addEventListener('abort', onAbort)
  const pieces = input[Symbol.asyncIterator]()
  try {
    while (true) {
      stopIfAsked()
      const piece = await Promise.race([pieces.next(), aborted])
      stopIfAsked()
      if (piece === undefined || piece.done) return
      yield piece.value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    // Nothing reads it any more, and an open one would keep the process alive.
    input.destroy()
  }
}
