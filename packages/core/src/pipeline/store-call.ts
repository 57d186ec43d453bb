import { callStore } from '../calls/retry.ts'
import type { DriverCallOptions } from '../contract/call-options.ts'
import type { CellStore } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { type CallPlan, type Context, stepOf } from './context.ts'

interface Limits {
  /** For work of unknown size: patience limits only the retries, unless it was given with the call. */
  readonly unbounded?: boolean
  /** The driver stops when the call ends; default: if it is unbounded. */
  readonly stops?: boolean
  /** It is never retried. */
  readonly single?: boolean
}

/**
 * A repeatable call of the store, which is opened first if necessary. With driver options, as in the caller's transaction, it is never retried: a
 * transaction that has failed once would only fail again.
 */
export async function storeCall<T>(
  context: Context,
  plan: CallPlan,
  operation: string,
  method: keyof CellStore,
  work: (store: CellStore, options: DriverCallOptions) => Promise<T>,
  { unbounded = false, stops = unbounded, single = plan.callOptions.driverOptions !== undefined }: Limits = {},
): Promise<T> {
  const opened = context.opened
  const store = opened ?? (await context.open(plan))
  const over = new AbortController()
  const options = stops ? endedBy(plan.callOptions, [context.calls.cut, over.signal]) : plan.callOptions
  const limits = { unbounded: unbounded && plan.patience === undefined, single }
  try {
    const called = callStore(() => work(store, options), { ...stepOf(context, plan, operation, method), ...limits })
    if (opened === undefined) context.resumed()
    return await called
  } catch (error) {
    if (KairosError.is(error) && error.code === 'KAIROS_CONFIG_CHANGED') context.refuse(error)
    // A delete that went on would delete what is written next.
    over.abort()
    throw error
  }
}

/** Closing and the end of the call may end such work, so the driver gets a signal for it. */
function endedBy(options: DriverCallOptions, ends: readonly AbortSignal[]): DriverCallOptions {
  return { ...options, signal: AbortSignal.any(options.signal === undefined ? [...ends] : [options.signal, ...ends]) }
}
