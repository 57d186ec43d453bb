/** How long work may keep the process to itself, in milliseconds. */
const LONGEST = 20

/**
 * For work of many steps on a store that may answer at once, as memory and SQLite do: to await that lets no timer, no socket and no signal's
 * timeout come in between. The function returned, awaited between steps, gives the rest of the process its turn where the last one is long ago.
 */
export function createYielder(): () => Promise<void> {
  let last = performance.now()
  return async () => {
    if (performance.now() - last < LONGEST) return
    await new Promise((resolve) => setTimeout(resolve, 0))
    last = performance.now()
  }
}
