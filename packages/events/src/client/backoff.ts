import { KairosError } from '@kairos/core'
import { pause } from '@kairos/core/driver'

const SHORTEST = 20
const LONGEST = 2_000

/** The pauses between the attempts of one call: exponential, with jitter, starting over after each progress. */
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
   * Waits before another attempt. Resolves to false if patience has run out.
   * @throws KAIROS_ABORTED
   */
  async wait(signal: AbortSignal | undefined): Promise<boolean> {
    if (performance.now() - this.#since > this.#patience) return false
    const longest = Math.min(LONGEST, SHORTEST * 2 ** Math.min(this.#tries++, 10))
    try {
      await pause(longest * (0.5 + Math.random() / 2), signal)
    } catch (reason) {
      throw aborted(reason)
    }
    return true
  }
}

export function aborted(reason: unknown): KairosError {
  return new KairosError('KAIROS_ABORTED', 'the call was aborted by its signal', {}, reason)
}
