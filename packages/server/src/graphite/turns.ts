/** How long a piece of work may hold up all else, in milliseconds. */
const LONGEST = 20

/**
 * For long work of several requests: awaited between its pieces, it lets one request continue in each turn of the event loop. If each went by its own
 * clock, all of them would continue in the same turn, and what comes in would wait for as many pieces as there are requests.
 */
export function createTurns(longest: number = LONGEST): () => Promise<void> {
  const waiting: (() => void)[] = []
  let began = Number.NEGATIVE_INFINITY

  function next(): void {
    began = performance.now()
    waiting.shift()!()
    if (waiting.length > 0) setImmediate(next)
  }

  return async () => {
    if (waiting.length === 0 && performance.now() - began < longest) return
    await new Promise<void>((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(next)
    })
  }
}

/** Of all requests to Graphite's API. */
export const turn: () => Promise<void> = createTurns()
