import { eachConcurrently, type OldestLive } from '@kairos/core/driver'
import { type RegisteredName, type RegisteredWindow, sameWindow } from '../registry/registry.ts'
import { type Window, windowName } from '../registry/windows.ts'
import { windowKey } from '../schema/table.ts'
import { toNumber } from '../values/cql-bytes.ts'
import type { StoreContext } from './context.ts'

/** Names verified at a time. */
const AT_ONCE = 64

/**
 * Names that have a live cell in one of these intervals. Each registered name is verified by a row of its newest window, which nearly always settles
 * it. Old registrations without data are collected along the way. Stops when it has found `enough` names.
 * @throws StoreFailure
 */
export async function namesWithData(
  context: StoreContext,
  oldestLive: OldestLive,
  enough: number = Number.POSITIVE_INFINITY,
): Promise<string[]> {
  if (!context.hasTable) return []
  const oldest = new Map(
    Object.entries(oldestLive).map(([interval, bucket]) => [context.intervalKey(interval), bucket]),
  )
  const names = new Set<string>()
  const candidates = async function* (): AsyncGenerator<RegisteredName> {
    for await (const registered of context.registry.names()) {
      if (names.size >= enough) return
      if (oldest.has(registered.interval) && !names.has(registered.name)) yield registered
    }
  }
  await eachConcurrently(AT_ONCE, candidates(), async (registered) => {
    if (await isLive(context, registered, oldest.get(registered.interval)!)) names.add(registered.name)
  })
  return [...names]
}

/** Whether a registered name has a live cell in its interval. */
export async function isLive(context: StoreContext, registered: RegisteredName, oldest: number): Promise<boolean> {
  const { name, interval, window: latest } = registered
  const known = await newestBucket(context, name, interval, latest)
  if (known !== null && known >= oldest) return true
  let windows = 0
  for await (const window of context.registry.windows(name, interval, { newestFirst: true, few: true })) {
    windows++
    const newest = sameWindow(window, latest) ? known : await newestBucket(context, name, interval, window)
    if (newest !== null && newest >= oldest) return true
    if (newest === null) await collect(context, window, () => context.registry.collectWindow(name, interval, window))
  }
  if (windows === 0) await collect(context, registered, () => context.registry.collectName(registered))
  return false
}

async function newestBucket(
  { session, layout }: StoreContext,
  name: string,
  interval: string,
  window: Window,
): Promise<number | null> {
  const row = await session.firstRow(layout.newest, windowKey(layout, name, windowName(interval, window)))
  return row === undefined ? null : toNumber(row.i)
}

/** Collects a registration only when it is too old for any process to rely on; after a failure, the next call tries again. */
async function collect(
  { clock, timings }: StoreContext,
  { touched }: Pick<RegisteredWindow, 'touched'>,
  forget: () => Promise<void>,
): Promise<void> {
  if (clock.now() - touched / 1000 > timings.collectAfter) await forget().catch(() => {})
}
