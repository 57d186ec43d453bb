import { callStore } from '../calls/retry.ts'
import type { CellStore, DriverCallOptions } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { type CallPlan, type Context, stepOf } from './context.ts'

/**
 * One call of the store that changes nothing when it is made again, opening it first where that has not been done. With `unbounded`, of work
 * whose size nobody knows, patience bounds the retrying alone. With the driver's own options, as in a transaction of the caller's, it is never tried
 * again: a transaction that has failed once would only answer with another failure.
 */
export async function storeCall<T>(
  context: Context,
  plan: CallPlan,
  operation: string,
  work: (store: CellStore, options: DriverCallOptions) => Promise<T>,
  { unbounded = false }: { readonly unbounded?: boolean } = {},
): Promise<T> {
  const store = context.opened ?? (await context.open(plan))
  const single = plan.callOptions.driverOptions !== undefined
  const options = unbounded ? endedByClosing(plan.callOptions, context.calls.cut) : plan.callOptions
  try {
    return await callStore(() => work(store, options), { ...stepOf(context, plan, operation), unbounded, single })
  } catch (error) {
    if (KairosError.is(error) && error.code === 'KAIROS_CONFIG_CHANGED') context.refuse(error)
    throw error
  }
}

/** Closing does not wait for all of such work, and the driver is to hear of it. */
function endedByClosing(options: DriverCallOptions, cut: AbortSignal): DriverCallOptions {
  return { ...options, signal: options.signal === undefined ? cut : AbortSignal.any([options.signal, cut]) }
}
