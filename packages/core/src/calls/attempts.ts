import type { CallMessage } from '../api/diagnostics.ts'
import type { StoreFailure } from '../contract/cells.ts'
import { storeChannel } from '../diagnostics/channels.ts'
import { traceAttempt } from '../diagnostics/trace-attempt.ts'
import { abortable } from './abortable.ts'
import type { CallGate } from './call-gate.ts'
import { Ended, type EndReason } from './ended.ts'
import { isFinal } from './final-failures.ts'
import { nextTurn } from './next-turn.ts'
import { type OnRetry, PATIENCE } from './patience.ts'
import { type Wait, Waits } from './waits.ts'

const IMMEDIATE_ATTEMPTS = 3
const SHORTEST_PAUSE = 5
const LONGEST_PAUSE = 1_000

/** Of steps without a gate. */
const WAITS = new Waits()

/** The limits of one step of a call: a batch, a window, an opening. */
export interface StepOptions {
  /** For messages: the driver's id. */
  readonly driver: string
  /** For messages and `onRetry`: what the step does. */
  readonly operation: string
  /** For diagnostics: the driver's method, if it is called otherwise. */
  readonly method?: string | undefined
  /** For diagnostics: the timeseries' name, and the calls that the step is made for. */
  readonly timeseries?: string | undefined
  readonly callers?: readonly CallMessage[] | undefined
  /** Only a wait for calls of the driver, which are steps of their own. */
  readonly waits?: boolean
  readonly signal?: AbortSignal | undefined
  /** In milliseconds, retries included; default 10,000. */
  readonly patience?: number | undefined
  /** Work of unknown size: patience limits the retries, not the work; or the work only once the gate is closing. */
  readonly unbounded?: boolean | 'until closing'
  /** Never retried. */
  readonly single?: boolean
  readonly onRetry?: OnRetry | undefined
  /** For work that retries by itself: its last failure. */
  readonly lastFailure?: () => unknown
  /** The gate that this call passed: closing may end the call, and waits for work that continues after an abort. */
  readonly calls?: CallGate | undefined
}

/** The attempts of one step. */
export class Attempts {
  readonly #options: StepOptions
  readonly #patience: number
  readonly #deadline: number
  #failed = 0
  #last: unknown

  constructor(options: StepOptions) {
    this.#options = options
    this.#patience = options.patience ?? PATIENCE
    this.#deadline = performance.now() + this.#patience
  }

  /**
   * One attempt, which sends so many cells.
   * @throws Ended, or what the work rejects with
   */
  make<T>(work: () => Promise<T>, cells?: number): Promise<T> {
    if (this.#options.signal?.aborted) return Promise.reject(this.#ended('aborted', false))
    if (this.#options.calls?.cut.aborted) return Promise.reject(this.#ended('closed', false))
    if (storeChannel?.hasSubscribers && !this.#options.waits)
      return traceAttempt(storeChannel, this.#attempted(cells), () => this.#limited(work(), true))
    return this.#limited(work(), true)
  }

  #attempted(cells: number | undefined): Parameters<typeof traceAttempt>[1] {
    const { driver, timeseries, operation, method = operation, callers: calls } = this.#options
    return { driver, timeseries, operation: method, attempt: this.#failed + 1, cells, calls }
  }

  /**
   * After a failed attempt: waits for the next one, and resolves to whether there is one. Pauses grow, with jitter, so that writers that
   * collided do not collide again.
   * @throws Ended
   */
  async again(retry: StoreFailure['retry'], cause: unknown): Promise<boolean> {
    const { operation, single, onRetry } = this.#options
    this.#last = cause
    this.#failed++
    if (retry === 'never' || single) return false
    const longest = Math.min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** Math.min(this.#failed, 10))
    const wait = retry === 'now' && this.#failed <= IMMEDIATE_ATTEMPTS ? 0 : longest * (0.5 + Math.random() / 2)
    if (performance.now() + wait >= this.#deadline) return false
    onRetry?.({ operation, attempt: this.#failed, cause, wait })
    if (wait > 0) await this.#pause(wait)
    return true
  }

  async #pause(milliseconds: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const elapsed = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds)
    })
    await this.#limited(elapsed, false).finally(() => clearTimeout(timer))
  }

  /** The work, or a rejection as soon as something ends the step. The work continues in the background; a later failure is ignored. */
  #limited<T>(work: Promise<T>, sent: boolean): Promise<T> {
    const { signal, calls, unbounded } = this.#options
    const line = (calls?.waits ?? WAITS).line
    return new Promise<T>((resolve, reject) => {
      let reached: EndReason | undefined
      const wait: Wait = {
        deadline: sent && !unbounded ? this.#deadline : Number.POSITIVE_INFINITY,
        end: (reason) => {
          if (reached !== undefined) return
          reached = reason
          leave()
          if (sent && reason === 'aborted') calls?.abandon(work, () => settledSoon(work, calls))
          const give = (): void => reject(this.#ended(reason, sent))
          // The driver's own verdict says more: its timeout may be up at the same moment, and it hears the same signal.
          if (sent) nextTurn(give)
          else give()
        },
        previous: undefined,
        next: undefined,
      }
      const limit = (): void => {
        wait.deadline = this.#failed === 0 ? performance.now() + this.#patience : this.#deadline
        line.add(wait)
      }
      const onAbort = (): void => wait.end('aborted')
      const closing = sent && unbounded === 'until closing' ? calls?.closing : undefined
      const leave = (): void => {
        line.leave(wait)
        closing?.removeEventListener('abort', limit)
        signal?.removeEventListener('abort', onAbort)
      }
      if (closing?.aborted) limit()
      else line.add(wait)
      closing?.addEventListener('abort', limit, { once: true })
      signal?.addEventListener('abort', onAbort, { once: true })
      work.then(
        (value) => {
          leave()
          resolve(value)
        },
        (error: unknown) => {
          leave()
          reject(reached === undefined || isFinal(error) ? error : this.#ended(reached, sent, error))
        },
      )
      if (signal?.aborted) onAbort()
    })
  }

  #ended(reason: EndReason, sent: boolean, verdict?: unknown): Ended {
    const { signal, lastFailure } = this.#options
    const failure = this.#last ?? lastFailure?.()
    const last = reason === 'aborted' ? (failure ?? signal?.reason) : (verdict ?? failure)
    return new Ended(reason, sent, last, this.#patience, verdict)
  }
}

/** Waits for work that closing waits for: a driver stops soon after a signal; one that does not is left. */
function settledSoon(work: Promise<unknown>, { cut }: CallGate): Promise<unknown> {
  return abortable(work, AbortSignal.any([cut, AbortSignal.timeout(PATIENCE)]))
}
