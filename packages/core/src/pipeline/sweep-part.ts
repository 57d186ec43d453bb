import type { SweepQuery } from '../contract/cells.ts'
import type { Context } from './context.ts'
import { storeCall } from './store-call.ts'

/** One part of a sweep, which is not retried, and ends when the timeseries is closed; resolves to whether nothing is left. */
export async function sweepPart(context: Context, query: SweepQuery): Promise<boolean> {
  const { opened, calls } = context
  if (opened === undefined) return false
  const plan = { callOptions: { signal: calls.closing }, patience: undefined }
  const limits = { stops: true, single: true }
  const { done } = await storeCall(context, plan, 'expire', 'sweep', (store, own) => store.sweep!(query, own), limits)
  return done
}
