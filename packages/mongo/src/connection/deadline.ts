import { within } from '@kairos/core/driver'

/** A request that took longer than the driver's `timeout`: it may or may not have been executed. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
  constructor(milliseconds: number) {
    super(`MongoDB did not answer within ${milliseconds} ms (the driver's option timeout)`)
  }
}

/**
 * Waits for a request no longer than this, whatever the client does: the client's own timeouts cover only some of the ways in which an answer
 * can fail to come. The signal keeps the client from sending the request again later.
 * @throws NoAnswerError
 */
export async function answerWithin<T>(milliseconds: number, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  return within(milliseconds, request(controller.signal), () => {
    const error = new NoAnswerError(milliseconds)
    controller.abort(error)
    return error
  })
}
