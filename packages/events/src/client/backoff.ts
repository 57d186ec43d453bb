import { KairosError } from '@kairos/core'
import { abortable } from '@kairos/core/driver'

const SHORTEST = 20
const LONGEST = 2_000

/** The pauses between tries of one call: exponential, with jitter; from the start again after each progress. */
export class Backoff {
  readonly #patience: number
  #since = performance.now()
  #tries = 0

  constructor(patience: number) {
    this.#patience = patience
  }

  progress(): void {
    this.#since = performance.now()
    this.#tries = 0
  }

  /**
   * Waits before another try. Resolves to false where there is none.
   * @throws KAIROS_ABORTED
   */
  async pause(signal: AbortSignal | undefined): Promise<boolean> {
    if (performance.now() - this.#since > this.#patience) return false
    const longest = Math.min(LONGEST, SHORTEST * 2 ** Math.min(this.#tries++, 10))
    await sleep(longest * (0.5 + Math.random() / 2), signal)
    return true
  }
}

async function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  try {
    await abortable(elapsed, signal)
  } catch (reason) {
    throw aborted(reason)
  } finally {
    clearTimeout(timer)
  }
}

export function aborted(reason: unknown): KairosError {
  return new KairosError('KAIROS_ABORTED', 'the call was aborted by its signal', {}, reason)
}
