import type { CallMessage, StoreMessage } from '../api/diagnostics.ts'

/** A tracing channel of node:diagnostics_channel, as far as core uses it. */
export interface TracingChannel<Message> {
  readonly hasSubscribers: boolean
  tracePromise<T>(work: () => Promise<T>, message: Message): Promise<T>
}

/** Undefined where there is no such module, as in browsers: importing it would keep core from being loaded there. */
export const callChannel: TracingChannel<CallMessage> | undefined = /* @__PURE__ */ channelOf('kairos:call')
export const storeChannel: TracingChannel<StoreMessage> | undefined = /* @__PURE__ */ channelOf('kairos:store')

function channelOf<Message>(name: string): TracingChannel<Message> | undefined {
  const diagnostics = globalThis.process?.getBuiltinModule?.('node:diagnostics_channel')
  return diagnostics?.tracingChannel?.(name) as TracingChannel<Message> | undefined
}
