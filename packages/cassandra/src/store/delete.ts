import { type BucketRange, type CellQuery, eachConcurrently, failedStore } from '@kairos/core/driver'
import type { BoundStatement } from '../connection/session.ts'
import { type Window, windowName } from '../registry/windows.ts'
import { windowKey } from '../schema/table.ts'
import { bigint } from '../values/cql-bytes.ts'
import type { StoreContext } from './context.ts'

/** How often the delete of a window is repeated because its answer came late. */
const ATTEMPTS = 20
/** Windows deleted at a time. */
const AT_ONCE = 64

/**
 * Deletes the cells of these names, or of all, in these intervals, given by their keys: each registered window as a whole, under a timestamp. Every
 * write acknowledged before has an older timestamp, on any client. The call resolves only when every client's clock is past the timestamp, so that
 * later writes are newer.
 * @throws StoreFailure
 */
export async function deleteCells(
  context: StoreContext,
  names: readonly string[] | null,
  intervals: readonly string[],
): Promise<void> {
  if (!context.hasTable) return
  const { clock } = context
  await clock.ready()
  let newest = 0
  await eachConcurrently(AT_ONCE, windowsOf(context, names, intervals), async ({ name, interval, window }) => {
    const timestamp = await deleteWindow(context, name, interval, window)
    // Compared only now: others have ended meanwhile.
    newest = Math.max(newest, timestamp)
  })
  await clock.outlast(newest)
}

/**
 * Deletes the cells of some names in a range of buckets, as `deleteCells` does: of windows that are only partly inside the range, a range of rows.
 * @throws StoreFailure
 */
export async function deleteRange(context: StoreContext, { names, interval, range }: CellQuery): Promise<void> {
  if (!context.hasTable) return
  const { clock, layout, windowings, intervalKey } = context
  const windowing = windowings[interval]!
  const ends = [bigint(range.first), bigint(range.last)]
  const windows = windowsOf(context, names, [intervalKey(interval)], windowing.range(range))
  await clock.ready()
  let newest = 0
  await eachConcurrently(AT_ONCE, windows, async ({ name, interval: key, window }) => {
    const whole = range.first <= windowing.firstBucket(window.win) && range.last >= windowing.lastBucket(window.win)
    const timestamp = whole
      ? await deleteWindow(context, name, key, window)
      : await promptly(context, {
          query: layout.deleteRange,
          values: [...windowKey(layout, name, windowName(key, window)), ...ends],
        })
    newest = Math.max(newest, timestamp)
  })
  await clock.outlast(newest)
}

interface WindowOfName {
  readonly name: string
  readonly interval: string
  readonly window: Window
}

async function* windowsOf(
  { registry }: StoreContext,
  names: readonly string[] | null,
  intervals: readonly string[],
  range?: BucketRange,
): AsyncGenerator<WindowOfName> {
  for await (const { name, interval } of names === null ? registry.names() : pairsOf(names, intervals)) {
    if (!intervals.includes(interval)) continue
    for await (const window of registry.windows(name, interval, range && { range })) yield { name, interval, window }
  }
}

function* pairsOf(names: readonly string[], intervals: readonly string[]): Generator<Omit<WindowOfName, 'window'>> {
  for (const name of names) for (const interval of intervals) yield { name, interval }
}

/** Deletes a window. Resolves to the delete's timestamp. */
export function deleteWindow(context: StoreContext, name: string, interval: string, window: Window): Promise<number> {
  const { layout } = context
  return promptly(context, { query: layout.delete, values: windowKey(layout, name, windowName(interval, window)) })
}

/** Resolves to the delete's timestamp. A delete that is answered late is repeated: folds wait for deletes no longer than `grace`. */
async function promptly({ session, clock, timings }: StoreContext, statement: BoundStatement): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const begun = clock.now()
    const timestamp = clock.deleteTimestamp()
    await session.write([statement], timestamp)
    if (clock.now() - begun < timings.promptDelete) return timestamp
  }
  throw failedStore(`deletes are taking longer than ${timings.promptDelete} ms`, 'later')
}
