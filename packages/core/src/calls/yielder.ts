/** How long work may block the process, in milliseconds. */
const LONGEST = 20

/**
 * For long work on a store that may answer at once, such as memory or SQLite: awaiting that lets no timer, socket or signal's timeout run.
 * The returned function, awaited between steps, yields to the event loop if the last time was more than 20 ms ago.
 * @example
 * const yieldNow = createYielder()
 * for (const batch of batches) {
 *   write(batch)
 *   await yieldNow()
 * }
 */
export function createYielder(): () => Promise<void> {
  let last = performance.now()
  return async () => {
    if (performance.now() - last < LONGEST) return
    await new Promise((resolve) => setTimeout(resolve, 0))
    last = performance.now()
  }
}
