import { within } from '@kairos/core/driver'
import { NotSent } from './lost-answers.ts'

/**
 * Waits this many milliseconds for a connection.
 * @throws NotSent
 */
export function connectionWithin(
  milliseconds: number,
  connecting: Promise<void>,
  trouble: () => unknown,
): Promise<void> {
  const late = (): Error => new NotSent(`no connection within ${milliseconds} ms`, 'later', trouble())
  return within(milliseconds, connecting, late)
}

/** Waits this many milliseconds for the answer to what was sent. If none comes, it may have been carried out. */
export function answerWithin<T>(milliseconds: number, answer: Promise<T>): Promise<T> {
  return within(milliseconds, answer, () => new Error(`no answer within ${milliseconds} ms`))
}
