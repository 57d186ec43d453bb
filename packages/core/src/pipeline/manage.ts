import type { Extent } from '../api/timeseries.ts'
import { isRecord } from '../internal/kinds.ts'
import { liveRange } from '../retention.ts'
import { planOf } from './call-plan.ts'
import type { Context } from './context.ts'
import { nameOf } from './name-of.ts'
import { RANGE_OPTIONS, refuseUndefined } from './range-options.ts'
import { storeCall } from './store-call.ts'

/** How many cells one call sweeps. */
const SWEEP_LIMIT = 10_000

export async function properties(context: Context, name: unknown, options: unknown): Promise<Record<string, Extent>> {
  const plan = planOf(options, context.driver.capabilities.readOptions)
  const names = [nameOf(context, name)]
  const oldestLive = context.retention.oldestLive(context.retention.now())
  const extents = await Promise.all(
    context.settings.intervals.map(async (interval) => {
      const query = { names, interval: interval.name, range: liveRange(interval, oldestLive[interval.name]!) }
      const found = await storeCall(context, plan, 'properties', 'bounds', (store, own) => store.bounds(query, own))
      return found === null
        ? []
        : [
            [
              interval.name,
              { first: interval.buckets.startOf(found.first), last: interval.buckets.startOf(found.last) },
            ] as const,
          ]
    }),
  )
  return Object.fromEntries(extents.flat())
}

/** With `interval`, `start` or `end`, only a part of it. */
async function deleteName(context: Context, name: unknown, options: unknown): Promise<void> {
  if (!isRecord(options) || !RANGE_OPTIONS.some((key) => Object.hasOwn(options, key)))
    return deleteNames(context, [name], options)
  refuseUndefined(options, RANGE_OPTIONS)
  const { deleteRange } = await import('./delete-range.ts')
  return deleteRange(context, name, options)
}

export { deleteName as delete }

export function deleteAll(context: Context, options: unknown): Promise<void> {
  return deleteNames(context, null, options)
}

async function deleteNames(context: Context, names: readonly unknown[] | null, options: unknown): Promise<void> {
  const { writeOptions } = context.driver.capabilities
  const plan = planOf(options, writeOptions, names === null ? [] : RANGE_OPTIONS)
  const checked = names?.map((name) => nameOf(context, name)) ?? null
  context.group?.sendWaiting()
  await storeCall(context, plan, 'delete', 'delete', (store, own) => store.delete(checked, own), { unbounded: true })
}

/** Of one name; undefined: of all. */
export async function expire(context: Context, name: unknown, options: unknown): Promise<number> {
  const plan = planOf(options, context.driver.capabilities.writeOptions)
  const names = name === undefined ? null : [nameOf(context, name)]
  const { driver, settings, retention } = context
  if (driver.capabilities.expiry[settings.type] !== 'sweep') return 0
  const oldestLive = retention.oldestLive(retention.now())
  const query = { oldestLive, names, limit: SWEEP_LIMIT }
  let total = 0
  for (;;) {
    const { swept, done } = await storeCall(
      context,
      plan,
      'expire',
      'sweep',
      (store, own) => store.sweep!(query, own),
      {
        stops: true,
      },
    )
    total += swept
    if (done) return total
  }
}
