import { optionsOf } from './call-options.ts'
import { CALL_OPTIONS, callPlanOf } from './call-plan.ts'
import type { Context } from './context.ts'
import { nameOf } from './name-of.ts'
import { RANGE_OPTIONS } from './range-options.ts'
import { bucketsWithin, intervalOf, stretchOf } from './selected.ts'
import { storeCall } from './store-call.ts'

/** Deletes the buckets of one name from that of `start` to that of `end`, in one interval or in all. */
export async function deleteRange(context: Context, name: unknown, options: unknown): Promise<void> {
  const { settings, driver } = context
  const { writeOptions } = driver.capabilities
  const fields = optionsOf(options, [...RANGE_OPTIONS, ...CALL_OPTIONS], writeOptions)
  const plan = callPlanOf(fields, writeOptions)
  const names = [nameOf(context, name)]
  const stretch = stretchOf(fields.start, fields.end)
  const intervals = fields.interval === undefined ? settings.intervals : [intervalOf(settings, fields.interval)]
  context.group?.sendWaiting()
  for (const interval of intervals) {
    const query = { names, interval: interval.name, range: bucketsWithin(interval, stretch) }
    await storeCall(context, plan, 'delete', 'deleteRange', (store, own) => store.deleteRange(query, own), {
      unbounded: true,
    })
  }
}
