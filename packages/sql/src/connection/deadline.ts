/** The time limit for getting a connection: less than a statement's, so that the caller learns the reason before core's own patience ends. */
export function waitingTime(timeout: number): number {
  return Math.ceil(timeout / 2)
}

/** The error of a statement that was not answered in time. */
export class NoAnswer extends Error {
  constructor(timeout: number) {
    super(`no answer within ${timeout} ms`)
  }
}

/**
 * Calls `late` when a statement was not answered within `timeout` milliseconds. Call what it returns when the answer comes: it returns whether that is the
 * first answer, and in time.
 */
export function startDeadline(timeout: number, late: (error: NoAnswer) => void): () => boolean {
  let waits = true
  const end = (): boolean => {
    clearTimeout(timer)
    const waited = waits
    waits = false
    return waited
  }
  const timer = setTimeout(() => {
    if (end()) late(new NoAnswer(timeout))
  }, timeout)
  return end
}

/** Closes a client, without waiting longer than `timeout` for a silent peer. Errors are ignored: the client is not used again. */
export async function endWithin(timeout: number, end: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeout)
  })
  await Promise.race([end().catch(() => {}), late])
  clearTimeout(timer)
}
