import { setTimeout as sleep } from 'node:timers/promises'
import { failedStore } from '@kairos/core/driver'
import { type Window, windowName } from '../registry/windows.ts'
import { windowKey } from '../schema/table.ts'
import type { StoreContext } from './context.ts'

/** How often one window's delete is made again because its answer came late. */
const ATTEMPTS = 20
/** Windows that are deleted at once. */
const AT_ONCE = 64

/**
 * Deletes names', or all, cells in these intervals, given by their keys: each registered window at once, under a timestamp. Writes that were
 * acknowledged before have older ones on every client, and it resolves only when every client's clock is past it: what is written afterwards
 * is newer.
 */
export async function removeCells(
  context: StoreContext,
  names: readonly string[] | null,
  intervals: readonly string[],
): Promise<void> {
  if (!context.hasTable) return
  const { clock, registry } = context
  await clock.ready()
  const removing = new Set<Promise<void>>()
  let failure: unknown
  let newest = 0
  for await (const [name, interval] of pairsOf(context, names, intervals)) {
    for await (const window of registry.windows(name, interval)) {
      const removed = removeWindow(context, name, interval, window)
        .then((timestamp) => {
          newest = Math.max(newest, timestamp)
        })
        .catch((error: unknown) => {
          failure ??= error
        })
        .finally(() => removing.delete(removed))
      removing.add(removed)
      if (removing.size >= AT_ONCE) await Promise.race(removing)
      if (failure !== undefined) break
    }
  }
  await Promise.all(removing)
  if (failure !== undefined) throw failure
  const wait = newest / 1000 + clock.uncertainty - clock.now()
  if (wait > 0) await sleep(wait)
}

async function* pairsOf(
  { registry }: StoreContext,
  names: readonly string[] | null,
  intervals: readonly string[],
): AsyncGenerator<readonly [name: string, interval: string]> {
  if (names === null) {
    for await (const { name, interval } of registry.names()) if (intervals.includes(interval)) yield [name, interval]
    return
  }
  for (const name of names) for (const interval of intervals) yield [name, interval]
}

/** Resolves to the timestamp that deletes: made again until it is answered promptly, since folds do not wait for a delete longer than that. */
async function removeWindow(
  { session, clock, layout, tuning }: StoreContext,
  name: string,
  interval: string,
  window: Window,
): Promise<number> {
  const statement = { query: layout.remove, values: windowKey(name, windowName(interval, window)) }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const begun = clock.now()
    const timestamp = clock.tick() + clock.uncertainty * 1000
    await session.write([statement], timestamp)
    if (clock.now() - begun < tuning.promptly) return timestamp
  }
  throw failedStore(`deletes take longer than ${tuning.promptly} ms to be answered`, 'later')
}
