import type { CallMessage } from '../api/diagnostics.ts'
import type { Filling } from './traced.ts'

/** By this key, the options of a call carry its message to its plan. */
export const MESSAGE: unique symbol = /* @__PURE__ */ Symbol()

/** The messages of the call that has these options; undefined: nobody subscribed when it began. */
export function messagesIn(options: object): readonly CallMessage[] | undefined {
  const message = (options as { readonly [MESSAGE]?: CallMessage })[MESSAGE]
  return message && [message]
}

/** Adds cells to those that a call has written or read. */
export function countCells(messages: readonly CallMessage[] | undefined, cells: number): void {
  if (messages === undefined) return
  for (const message of messages) (message as Filling<CallMessage>).cells += cells
}
