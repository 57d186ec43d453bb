import type { Context } from './context.ts'
import type { Parts } from './entries.ts'

/** What an iteration reads, window by window. */
export interface Windows<Entry> {
  /** The entries of the next window, in parts; null after the last. */
  next(context: Context): Promise<Iterable<Iterable<Entry>> | null>
  /** Awaited from time to time, lets others run. */
  turn(): Promise<void>
  /** @throws KAIROS_ABORTED */
  checkSignal(): void
  /** The same entry, which JSON takes as it does the answers of other calls; absent: JSON takes it as it is. */
  withJson?(entry: Entry): Entry
}

/** Runs one piece of I/O as a call of the timeseries, so that `close` waits for it and nothing starts afterwards. */
type Run<Module> = <T>(work: (module: Module, context: Context) => Promise<T>) => Promise<T>

/** The parts of all windows: while the caller processes one window, the next is being read. */
export async function readAhead<Module, Entry>(
  run: Run<Module>,
  start: (module: Module, context: Context) => Promise<Windows<Entry>>,
): Promise<Parts<Entry>> {
  const windows = await run(start)
  function read(): ReturnType<Windows<Entry>['next']> {
    const window = run((_module, context) => windows.next(context))
    // Awaited below, or never if the caller leaves: then there is no one to tell.
    window.catch(() => {})
    return window
  }

  let coming = read()
  let parts: Iterator<Iterable<Entry>> = [].values()
  return {
    async next() {
      for (;;) {
        const part = parts.next()
        if (part.done !== true) {
          await windows.turn()
          return part.value
        }
        const window = await coming
        if (window === null) return null
        coming = read()
        parts = window[Symbol.iterator]()
      }
    },
    give(entry) {
      windows.checkSignal()
      return windows.withJson === undefined ? entry : windows.withJson(entry)
    },
  }
}
