import type { Extent } from '../api/timeseries.ts'
import { aborted, callStore } from '../calls/retry.ts'
import type { CallOptions, CellStore, OldestLive } from '../contract/cells.ts'
import { liveRange } from '../retention.ts'
import { optionsOf, signalOf } from './call-options.ts'
import { checkName } from './check-values.ts'
import type { Context } from './context.ts'

/** Calls the store with nothing but a signal. */
async function call<T>(
  context: Context,
  operation: string,
  signal: AbortSignal | undefined,
  work: (store: CellStore, options: CallOptions) => Promise<T>,
): Promise<T> {
  const store = context.opened ?? (await context.open(signal))
  return callStore(context.driver.id, operation, () => work(store, signal === undefined ? {} : { signal }), signal)
}

function signalIn(options: unknown): AbortSignal | undefined {
  return signalOf(optionsOf(options, ['signal'], []))
}

export async function open(context: Context, options: unknown): Promise<void> {
  const signal = signalIn(options)
  if (signal?.aborted) throw aborted(signal)
  await (context.opened ?? context.open(signal))
}

export async function list(context: Context, options: unknown): Promise<string[]> {
  const signal = signalIn(options)
  const oldestLive = context.retention.oldestLive(context.retention.now())
  const names = await call(context, 'list', signal, (store, callOptions) => store.names(oldestLive, callOptions))
  return [...new Set(names)].sort()
}

export async function properties(context: Context, name: unknown, options: unknown): Promise<Record<string, Extent>> {
  const signal = signalIn(options)
  checkName(name, context.driver.capabilities)
  const oldestLive = context.retention.oldestLive(context.retention.now())
  const extents = await Promise.all(
    context.settings.intervals.map(async (interval) => {
      const query = { names: [name], interval: interval.name, range: liveRange(interval, oldestLive[interval.name]!) }
      const found = await call(context, 'properties', signal, (store, callOptions) => store.bounds(query, callOptions))
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
  const signal = signalIn(options)
  const checked = checkNames(context, names)
  await call(context, 'delete', signal, (store, callOptions) => store.delete(checked, callOptions))
}

export async function expire(context: Context, names: readonly unknown[] | null, options: unknown): Promise<number> {
  const signal = signalIn(options)
  const checked = checkNames(context, names)
  const { driver, settings, retention } = context
  if (driver.capabilities.expiry[settings.type] !== 'sweep') return 0
  const oldestLive: OldestLive = retention.oldestLive(retention.now())
  return call(context, 'expire', signal, (store, callOptions) => store.sweep!(oldestLive, checked, callOptions))
}

function checkNames({ driver }: Context, names: readonly unknown[] | null): readonly string[] | null {
  return (
    names?.map((name) => {
      checkName(name, driver.capabilities)
      return name
    }) ?? null
  )
}
