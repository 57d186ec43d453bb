import type { CallMessage, StoreMessage } from '../api/diagnostics.ts'
import { countCells } from '../diagnostics/call-messages.ts'
import type { TracingChannel } from '../diagnostics/channels.ts'
import { type Filling, traced } from '../diagnostics/traced.ts'
import { isObject } from '../internal/kinds.ts'
import { Ended } from './ended.ts'
import { retryOf } from './store-failures.ts'

const ENDS = { aborted: 'aborted', impatient: 'timeout', closed: 'closed' } as const

/** What an attempt of a driver's call is for. */
export type Attempted = Pick<StoreMessage, 'driver' | 'timeseries' | 'operation' | 'attempt' | 'cells'> & {
  readonly calls: readonly CallMessage[] | undefined
}

/** Makes one attempt of a driver's call as an event. */
export function traceAttempt<T>(
  channel: TracingChannel<StoreMessage>,
  attempted: Attempted,
  attempt: () => Promise<T>,
): Promise<T> {
  const { calls = [] } = attempted
  const message: Filling<StoreMessage> = { ...attempted, calls }
  const counted = async (): Promise<T> => {
    const result = await attempt()
    const found = foundIn(message.operation, result)
    if (found !== undefined) {
      message.cells = found
      countCells(calls, found)
    }
    return result
  }
  return traced(channel, message, counted, (error) => {
    if (error instanceof Ended) return ENDS[error.reason]
    message.retry = retryOf(error)
    return 'failure'
  })
}

/** How many cells a call has returned or swept; undefined: it is not about cells, or those that it sends were counted. */
function foundIn(operation: string, result: unknown): number | undefined {
  if (Array.isArray(result)) return ['read', 'fetch', 'merge'].includes(operation) ? result.length : undefined
  return isObject(result) && 'swept' in result ? (result.swept as number) : undefined
}
