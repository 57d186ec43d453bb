import type { CallMessage, StoreMessage } from '../api/diagnostics.ts'
import type { TracingChannel } from './channels.ts'

/** A message while it is being filled in. */
export type Filling<Message> = { -readonly [Key in keyof Message]: Message[Key] }

/** Does the work as one event of the channel: `ended` says what became of it. */
export function traced<Message extends CallMessage | StoreMessage, T>(
  channel: TracingChannel<Message>,
  message: Filling<Message>,
  work: () => Promise<T>,
  ended: (error: unknown) => Message['outcome'],
): Promise<T> {
  // What throws at once is rejected, as everything else is.
  const observed = (): Promise<T> =>
    new Promise<T>((resolve) => resolve(work())).then(
      (result) => {
        message.outcome = 'success'
        return result
      },
      (error: unknown) => {
        message.outcome = ended(error)
        throw error
      },
    )
  return channel.tracePromise(observed, message)
}
