import { callStore } from '../calls/retry.ts'
import type { DriverCallOptions } from '../contract/call-options.ts'
import type { CellStore } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { type CallPlan, type Context, stepOf } from './context.ts'

/**
 * A repeatable call of the store, which is opened first if necessary. With `unbounded`, for work of unknown size, patience limits only the
 * retries. With driver options, as in the caller's transaction, it is never retried: a transaction that has failed once would only fail again.
 */
export async function storeCall<T>(
  context: Context,
  plan: CallPlan,
  operation: string,
  work: (store: CellStore, options: DriverCallOptions) => Promise<T>,
  { unbounded = false }: { readonly unbounded?: boolean } = {},
): Promise<T> {
  const opened = context.opened
  const store = opened ?? (await context.open(plan))
  const single = plan.callOptions.driverOptions !== undefined
  const options = unbounded ? endedByClosing(plan.callOptions, context.calls.cut) : plan.callOptions
  try {
    const called = callStore(() => work(store, options), { ...stepOf(context, plan, operation), unbounded, single })
    if (opened === undefined) context.resumed()
    return await called
  } catch (error) {
    if (KairosError.is(error) && error.code === 'KAIROS_CONFIG_CHANGED') context.refuse(error)
    throw error
  }
}

/** Closing may end such work, so the driver gets a signal for it. */
function endedByClosing(options: DriverCallOptions, cut: AbortSignal): DriverCallOptions {
  return { ...options, signal: options.signal === undefined ? cut : AbortSignal.any([options.signal, cut]) }
}
