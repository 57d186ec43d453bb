import { failedStore } from '@kairos/core/driver'
import { eachAtOnce } from '../connection/each-at-once.ts'
import { type Window, windowName } from '../registry/windows.ts'
import { windowKey } from '../schema/table.ts'
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
  await eachAtOnce(AT_ONCE, windowsOf(context, names, intervals), async ({ name, interval, window }) => {
    const timestamp = await deleteWindow(context, name, interval, window)
    // Compared only now: others have ended meanwhile.
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
): AsyncGenerator<WindowOfName> {
  for await (const { name, interval } of names === null ? registry.names() : pairsOf(names, intervals)) {
    if (!intervals.includes(interval)) continue
    for await (const window of registry.windows(name, interval)) yield { name, interval, window }
  }
}

function* pairsOf(names: readonly string[], intervals: readonly string[]): Generator<Omit<WindowOfName, 'window'>> {
  for (const name of names) for (const interval of intervals) yield { name, interval }
}

/** Resolves to the delete's timestamp. A delete that is answered late is repeated: folds wait for deletes no longer than `grace`. */
async function deleteWindow(
  { session, clock, layout, timings }: StoreContext,
  name: string,
  interval: string,
  window: Window,
): Promise<number> {
  const statement = { query: layout.delete, values: windowKey(name, windowName(interval, window)) }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const begun = clock.now()
    const timestamp = clock.deleteTimestamp()
    await session.write([statement], timestamp)
    if (clock.now() - begun < timings.promptDelete) return timestamp
  }
  throw failedStore(`deletes are taking longer than ${timings.promptDelete} ms`, 'later')
}
