import { nextTurn } from '../calls/next-turn.ts'
import type { OldestLive, StorageDriver, SweepQuery } from '../contract/cells.ts'
import { part } from '../part.ts'
import type { Settings } from '../settings.ts'
import type { Context } from './context.ts'

const sweeping = part(() => import('./sweep-part.ts'))

/** How many cells one part deletes, and how many names it looks at: a few milliseconds, also where the store runs in this process. */
const CELLS = 1_000
const NAMES = 2_000
/** In milliseconds: from the end of a sweep, or a failure, to the next one. */
const PAUSE = 60_000
/** After each part, the store is left to others for this many times as long as it took. */
const REST = 20

/** Whether cells expire that nothing else deletes. */
export function needsSweeping({ sweep, type, intervals }: Settings, { capabilities }: StorageDriver): boolean {
  return sweep && capabilities.expiry[type] === 'sweep' && intervals.some(({ steps }) => steps !== null)
}

/**
 * Sweeps in parts, each of which follows a write: where nothing is written, nothing expires that takes up more and more room, and no timer keeps the
 * process alive. A sweep begins when a bucket has expired since the last one.
 */
export function createSweeper(contextOf: () => Context): (oldestLive: OldestLive) => void {
  /** Up to where everything is swept. */
  let swept: OldestLive | undefined
  /** The sweep that is not finished. */
  let query: SweepQuery | undefined
  let isBusy = false
  let due = 0

  async function sweep(oldestLive: OldestLive): Promise<void> {
    query ??= { oldestLive, names: null, limit: CELLS, looks: NAMES }
    const began = performance.now()
    let pause = PAUSE
    try {
      const { sweepPart } = await sweeping.load()
      const isDone = await sweepPart(contextOf(), query)
      if (isDone) {
        swept = query.oldestLive
        query = undefined
      } else pause = (performance.now() - began) * REST
    } catch {
      // The next one continues; diagnostics show the failure.
    }
    due = performance.now() + pause
    isBusy = false
  }

  return (oldestLive) => {
    // The same object until a bucket expires.
    if (oldestLive === swept || isBusy || performance.now() < due) return
    isBusy = true
    // After the writer, which does not wait for it.
    nextTurn(() => void sweep(oldestLive))
  }
}
