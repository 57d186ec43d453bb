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
export function storeCall<T>(
  context: Context,
  plan: CallPlan,
  operation: string,
  method: keyof CellStore,
  work: (store: CellStore, options: DriverCallOptions) => Promise<T>,
  { unbounded = false, stops = unbounded, single = plan.callOptions.driverOptions !== undefined }: Limits = {},
): Promise<T> {
  const { opened } = context
  const { callOptions, patience } = plan
  const over = stops ? new AbortController() : undefined
  const options = over === undefined ? callOptions : endedBy(callOptions, [context.calls.cut, over.signal])
  const step = {
    ...stepOf(context, plan, operation, method, single),
    unbounded: unbounded && patience === undefined,
    failed(error: unknown) {
      if (KairosError.is(error) && error.code === 'KAIROS_CONFIG_CHANGED') context.refuse(error)
      // A delete that went on would delete what is written next.
      over?.abort()
    },
  }
  return opened === undefined
    ? openAndCall(context, plan, (store) => callStore(() => work(store, options), step))
    : callStore(() => work(opened, options), step)
}

async function openAndCall<T>(context: Context, plan: CallPlan, call: (store: CellStore) => Promise<T>): Promise<T> {
  const called = call(await context.open(plan))
  context.resumed()
  return called
}

/** Closing and the end of the call may end such work, so the driver gets a signal for it. */
function endedBy(options: DriverCallOptions, ends: readonly AbortSignal[]): DriverCallOptions {
  return { ...options, signal: AbortSignal.any(options.signal === undefined ? [...ends] : [options.signal, ...ends]) }
}
