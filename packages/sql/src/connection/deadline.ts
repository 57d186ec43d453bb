/** How long a connection may take to be there: less than a statement, so that who waits hears the reason before core's own patience ends. */
export function waitingTime(timeout: number): number {
  return Math.ceil(timeout / 2)
}

/** What a statement of a client rejects with that was not answered in time. */
export class NoAnswer extends Error {
  constructor(timeout: number) {
    super(`no answer came within ${timeout} ms`)
  }
}

/** Ends a client. One that waits for a peer that says nothing is left to itself; how a connection ends that was being made does not matter. */
export async function endWithin(timeout: number, end: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeout)
  })
  await Promise.race([end().catch(() => {}), late])
  clearTimeout(timer)
}
