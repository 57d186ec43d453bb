import { aborted } from '../calls/retry.ts'
import type { KairosError } from '../errors.ts'
import type { CallPlan, Context } from './context.ts'

/** The error of a call of many steps that must not begin the next one: it was aborted, or the timeseries is closing. Undefined: it may. */
export function callEnded({ calls, driver }: Context, { callOptions: { signal } }: CallPlan): KairosError | undefined {
  if (signal?.aborted) return aborted(signal)
  return calls.closing.aborted ? calls.closedError(driver.id) : undefined
}
