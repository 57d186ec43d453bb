import { tracingChannel } from 'node:diagnostics_channel'
import type { CallMessage, StoreMessage } from '@kairos/core'
import { context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'

const nothing = (): void => {}

/** Makes a span of each call of a timeseries, and of each attempt of a request to its store. Returns what ends that. */
export function traceKairos(tracer: Tracer): () => void {
  const spans = new WeakMap<object, Span>()
  const calls = tracingChannel<unknown, CallMessage>('kairos:call')
  const attempts = tracingChannel<unknown, StoreMessage>('kairos:store')

  function end(message: CallMessage | StoreMessage): void {
    const span = spans.get(message)
    if (span === undefined) return
    if (message.cells !== undefined) span.setAttribute('kairos.cells', message.cells)
    if (message.outcome !== 'success') {
      span.setAttribute('kairos.outcome', message.outcome ?? 'failure')
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(message.error) })
    }
    span.end()
  }

  const ofCalls = {
    // Runs where the call was made, so that the span of the web request is its parent.
    start(message: CallMessage) {
      const attributes = { 'kairos.timeseries': message.timeseries ?? '', 'kairos.names': [...(message.names ?? [])] }
      spans.set(message, tracer.startSpan(`kairos ${message.operation}`, { attributes }))
    },
    asyncEnd: end,
    end: nothing,
    asyncStart: nothing,
    error: nothing,
  }
  const ofAttempts = {
    start(message: StoreMessage) {
      const { driver, operation, attempt } = message
      const callers = message.calls.flatMap((call) => spans.get(call) ?? [])
      const attributes = { 'db.system.name': driver, 'kairos.attempt': attempt }
      // A batch that several calls share is part of none of them: it is linked with all.
      const [only] = callers.length === 1 ? callers : []
      const links = only === undefined ? callers.map((span) => ({ context: span.spanContext() })) : []
      const parent = only === undefined ? context.active() : trace.setSpan(context.active(), only)
      const options = { kind: SpanKind.CLIENT, attributes, links, root: only === undefined }
      spans.set(message, tracer.startSpan(`${driver} ${operation}`, options, parent))
    },
    asyncEnd: end,
    end: nothing,
    asyncStart: nothing,
    error: nothing,
  }
  calls.subscribe(ofCalls)
  attempts.subscribe(ofAttempts)
  return () => {
    calls.unsubscribe(ofCalls)
    attempts.unsubscribe(ofAttempts)
  }
}
