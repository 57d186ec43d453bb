import type { Extent } from '../api/timeseries.ts'
import { liveRange } from '../retention.ts'
import { optionsOf } from './call-options.ts'
import { CALL_OPTIONS, callPlanOf } from './call-plan.ts'
import { checkName } from './check-values.ts'
import type { CallPlan, Context } from './context.ts'
import { storeCall } from './store-call.ts'

/** How many names one page holds. */
const NAMES_PAGE = 5_000
/** How many cells one call sweeps. */
const SWEEP_LIMIT = 10_000

/** The plan of a call that takes only the options of every call, and the driver's. */
function planOf(options: unknown, driverKnown: readonly string[]): CallPlan {
  return callPlanOf(optionsOf(options, CALL_OPTIONS, driverKnown), driverKnown)
}

export async function list(context: Context, options: unknown): Promise<string[]> {
  const plan = planOf(options, context.driver.capabilities.readOptions)
  const oldestLive = context.retention.oldestLive(context.retention.now())
  const all: string[] = []
  let after: string | undefined
  do {
    const query = { oldestLive, limit: NAMES_PAGE, ...(after !== undefined && { after }) }
    const page = await storeCall(context, plan, 'list', (store, own) => store.names(query, own))
    all.push(...page.names)
    after = page.next
  } while (after !== undefined)
  return all
}

export async function properties(context: Context, name: unknown, options: unknown): Promise<Record<string, Extent>> {
  const plan = planOf(options, context.driver.capabilities.readOptions)
  checkName(name, context.driver.capabilities)
  const oldestLive = context.retention.oldestLive(context.retention.now())
  const extents = await Promise.all(
    context.settings.intervals.map(async (interval) => {
      const query = { names: [name], interval: interval.name, range: liveRange(interval, oldestLive[interval.name]!) }
      const found = await storeCall(context, plan, 'properties', (store, own) => store.bounds(query, own))
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

export function deleteName(context: Context, name: unknown, options: unknown): Promise<void> {
  return deleteNames(context, [name], options)
}

export function deleteAll(context: Context, options: unknown): Promise<void> {
  return deleteNames(context, null, options)
}

async function deleteNames(context: Context, names: readonly unknown[] | null, options: unknown): Promise<void> {
  const plan = planOf(options, context.driver.capabilities.writeOptions)
  const checked = checkNames(context, names)
  await storeCall(context, plan, 'delete', (store, own) => store.delete(checked, own), { unbounded: true })
}

/** Of one name; undefined: of all. */
export async function expire(context: Context, name: unknown, options: unknown): Promise<number> {
  const plan = planOf(options, context.driver.capabilities.writeOptions)
  const checked = checkNames(context, name === undefined ? null : [name])
  const { driver, settings, retention } = context
  if (driver.capabilities.expiry[settings.type] !== 'sweep') return 0
  const oldestLive = retention.oldestLive(retention.now())
  const query = { oldestLive, names: checked, limit: SWEEP_LIMIT }
  let total = 0
  for (;;) {
    const { swept, done } = await storeCall(context, plan, 'expire', (store, own) => store.sweep!(query, own))
    total += swept
    if (done) return total
  }
}

function checkNames({ driver }: Context, names: readonly unknown[] | null): readonly string[] | null {
  return (
    names?.map((name) => {
      checkName(name, driver.capabilities)
      return name
    }) ?? null
  )
}
