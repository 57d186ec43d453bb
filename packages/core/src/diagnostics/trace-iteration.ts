import type { CallMessage } from '../api/diagnostics.ts'
import type { TracingChannel } from './channels.ts'
import { type Caller, carrying, messageOf, outcomeOf } from './trace-call.ts'
import { traced } from './traced.ts'

/** Makes an iteration as an event, from its first entry to its last. */
export async function* traceIteration<Entry>(
  channel: TracingChannel<CallMessage>,
  caller: Caller,
  operation: string,
  given: readonly unknown[],
  length: number,
  iterate: (given: readonly unknown[]) => AsyncIterable<Entry>,
): AsyncGenerator<Entry, void, undefined> {
  const message = messageOf(caller, operation, given, length)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const event = traced(channel, message, () => promise, outcomeOf).catch(() => {})
  try {
    yield* iterate(carrying(message, given, length))
  } catch (error) {
    reject(error)
    throw error
  } finally {
    resolve()
    // A subscriber learns about the end before the caller does, as with other calls.
    await event
  }
}
