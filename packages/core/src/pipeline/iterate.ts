import type { Context } from './context.ts'
import type { Windows } from './read/iterate.ts'

type Reads = typeof import('./read/index.ts')

/** Runs one piece of I/O as a call of the timeseries, so that `close` waits for it and nothing starts afterwards. */
type Run = <T>(work: (reads: Reads, context: Context) => Promise<T>) => Promise<T>

/** All data of the names, window by window: while the caller processes one, the next is being read. */
export async function* iterate(
  run: Run,
  names: unknown,
  interval: unknown,
  options: unknown,
): AsyncGenerator<[number, unknown], void, undefined> {
  const windows = await run(({ readWindows }, context) => readWindows(context, names, interval, options))
  function next(): ReturnType<Windows['next']> {
    const window = run((_reads, context) => windows.next(context))
    // Awaited below, or never if the caller leaves: then there is no one to tell.
    window.catch(() => {})
    return window
  }

  let coming = next()
  for (;;) {
    const window = await coming
    if (window === null) return
    coming = next()
    for (const entries of window) {
      await windows.turn()
      for (const entry of entries) {
        windows.checkSignal()
        yield windows.withJson(entry)
      }
    }
  }
}
