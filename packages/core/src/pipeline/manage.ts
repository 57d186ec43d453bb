import type { Extent } from '../api/timeseries.ts'
import { aborted, callStore } from '../calls/retry.ts'
import type { CallOptions, CellStore } from '../contract/cells.ts'
import { liveRange } from '../retention.ts'
import { callOptionsOf, optionsOf } from './call-options.ts'
import { checkName } from './check-values.ts'
import type { Context } from './context.ts'

async function call<T>(
  context: Context,
  operation: string,
  options: CallOptions,
  work: (store: CellStore, options: CallOptions) => Promise<T>,
): Promise<T> {
  const { signal } = options
  const store = context.opened ?? (await context.open(signal))
  return callStore(context.driver.id, operation, () => work(store, options), signal)
}

/** What the store is given with a call that has no options of core's own but the signal. */
function onlyCallOptions(options: unknown, driverKnown: readonly string[]): CallOptions {
  return callOptionsOf(optionsOf(options, ['signal'], driverKnown), driverKnown)
}

export async function open(context: Context, options: unknown): Promise<void> {
  const { signal } = onlyCallOptions(options, [])
  if (signal?.aborted) throw aborted(signal)
  await (context.opened ?? context.open(signal))
}

export async function list(context: Context, options: unknown): Promise<string[]> {
  const callOptions = onlyCallOptions(options, context.driver.capabilities.readOptions)
  const oldestLive = context.retention.oldestLive(context.retention.now())
  const names = await call(context, 'list', callOptions, (store, own) => store.names(oldestLive, own))
  return [...new Set(names)].sort()
}

export async function properties(context: Context, name: unknown, options: unknown): Promise<Record<string, Extent>> {
  const callOptions = onlyCallOptions(options, context.driver.capabilities.readOptions)
  checkName(name, context.driver.capabilities)
  const oldestLive = context.retention.oldestLive(context.retention.now())
  const extents = await Promise.all(
    context.settings.intervals.map(async (interval) => {
      const query = { names: [name], interval: interval.name, range: liveRange(interval, oldestLive[interval.name]!) }
      const found = await call(context, 'properties', callOptions, (store, own) => store.bounds(query, own))
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

export async function deleteNames(context: Context, names: readonly unknown[] | null, options: unknown): Promise<void> {
  const callOptions = onlyCallOptions(options, context.driver.capabilities.writeOptions)
  const checked = checkNames(context, names)
  await call(context, 'delete', callOptions, (store, own) => store.delete(checked, own))
}

export async function expire(context: Context, names: readonly unknown[] | null, options: unknown): Promise<number> {
  const callOptions = onlyCallOptions(options, context.driver.capabilities.writeOptions)
  const checked = checkNames(context, names)
  const { driver, settings, retention } = context
  if (driver.capabilities.expiry[settings.type] !== 'sweep') return 0
  const oldestLive = retention.oldestLive(retention.now())
  return call(context, 'expire', callOptions, (store, own) => store.sweep!(oldestLive, checked, own))
}

function checkNames({ driver }: Context, names: readonly unknown[] | null): readonly string[] | null {
  return (
    names?.map((name) => {
      checkName(name, driver.capabilities)
      return name
    }) ?? null
  )
}
