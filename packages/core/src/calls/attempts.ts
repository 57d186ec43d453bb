import type { CallMessage } from '../api/diagnostics.ts'
import type { StoreFailure } from '../contract/cells.ts'
import { storeChannel } from '../diagnostics/channels.ts'
import { abortable } from './abortable.ts'
import type { CallGate } from './call-gate.ts'
import { Ended, type EndReason } from './ended.ts'
import { isFinal } from './final-failures.ts'
import { nextTurn } from './next-turn.ts'
import { type OnRetry, PATIENCE } from './patience.ts'
import { traceAttempt } from './trace-attempt.ts'
import { type Wait, type WaitLine, Waits } from './waits.ts'

const IMMEDIATE_ATTEMPTS = 3
const SHORTEST_PAUSE = 5
const LONGEST_PAUSE = 1_000

/** Of steps without a gate. */
let waits: Waits | undefined

/** Where the steps of these calls wait. Not made with the gate, which an application loads before it waits for anything. */
function waitsOf(calls: CallGate | undefined): Waits {
  if (calls === undefined) {
    waits ??= new Waits()
    return waits
  }
  calls.waits ??= new Waits()
  return calls.waits
}

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
  /** Called with the error that the step fails with, before its caller learns about it. */
  readonly failed?: (error: unknown) => void
  /** For work that retries by itself: its last failure. */
  readonly lastFailure?: () => unknown
  /** The gate that this call passed: closing may end the call, and waits for work that continues after an abort. */
  readonly calls?: CallGate | undefined
}

/**
 * The attempts of one step, one after the other. It is the wait for the present one itself, and has no closures where none are needed: a call of a
 * store in memory would notice what they cost.
 */
export class Attempts implements Wait {
  /** Of the present attempt, or of the pause after it. */
  deadline: number = Number.POSITIVE_INFINITY
  previous: Wait | undefined = undefined
  next: Wait | undefined = undefined
  readonly #options: StepOptions
  readonly #line: WaitLine
  readonly #patience: number
  /** Of the step. */
  readonly #deadline: number
  #failed = 0
  #last: unknown
  #work: Promise<unknown> | undefined
  /** Whether the present wait is for the store, not for a pause. */
  #sent = false
  /** Hears the failure of the present wait; undefined once that is over. */
  #fail: ((error: unknown) => void) | undefined
  /** Why the step has ended. */
  #reached: EndReason | undefined
  /** Stops listening to signals; undefined if there are none. */
  #detach: (() => void) | undefined

  constructor(options: StepOptions) {
    const { patience = PATIENCE, calls } = options
    this.#options = options
    this.#line = waitsOf(calls).line
    this.#patience = patience
    this.#deadline = this.#line.now() + patience
  }

  /**
   * One attempt, which sends this many cells.
   * @throws Ended, or what the work rejects with
   */
  make<T>(work: () => Promise<T>, cells?: number): Promise<T> {
    const ended = this.#over()
    if (ended !== undefined) return Promise.reject(ended)
    const attempt = (): Promise<T> => new Promise<T>((resolve, reject) => this.#await(work(), true, resolve, reject))
    return this.#isTraced ? traceAttempt(storeChannel!, this.#attempted(cells), attempt) : attempt()
  }

  /**
   * The first attempt, nearly always the only one: resolves to what `done`, which never throws, makes of its result, or to what becomes of its
   * failure. That saves a promise.
   */
  first<T, Result>(
    work: () => Promise<T>,
    done: (value: T) => Result,
    failed: (error: unknown) => Promise<Result>,
    cells?: number,
  ): Promise<Result> {
    if (this.#isTraced) return this.make(work, cells).then(done, failed)
    const ended = this.#over()
    if (ended !== undefined) return failed(ended)
    let working: Promise<T>
    try {
      working = work()
    } catch (error) {
      return failed(error)
    }
    return new Promise<Result>((resolve) =>
      this.#await(
        working,
        true,
        (value) => resolve(done(value)),
        (error) => resolve(failed(error)),
      ),
    )
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
    if (this.#line.now() + wait >= this.#deadline) return false
    onRetry?.({ operation, attempt: this.#failed, cause, wait })
    if (wait > 0) await this.#pause(wait)
    return true
  }

  end(reason: EndReason): void {
    if (this.#reached !== undefined) return
    this.#reached = reason
    this.#leave()
    const { calls } = this.#options
    const [sent, work] = [this.#sent, this.#work!]
    if (sent && reason === 'aborted') calls?.abandon(work, () => settledSoon(work, calls))
    const give = (): void => this.#failOnce(this.#ended(reason, sent))
    // The driver's own verdict says more: its timeout may be up at the same moment, and it hears the same signal.
    if (sent) nextTurn(give)
    else give()
  }

  async #pause(milliseconds: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const elapsed = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds)
    })
    await new Promise<void>((resolve, reject) => this.#await(elapsed, false, resolve, reject)).finally(() =>
      clearTimeout(timer),
    )
  }

  get #isTraced(): boolean {
    return storeChannel?.hasSubscribers === true && !this.#options.waits
  }

  #attempted(cells: number | undefined): Parameters<typeof traceAttempt>[1] {
    const { driver, timeseries, operation, method = operation, callers: calls } = this.#options
    return { driver, timeseries, operation: method, attempt: this.#failed + 1, cells, calls }
  }

  /** Why no attempt may begin. */
  #over(): Ended | undefined {
    const { signal, calls } = this.#options
    if (signal?.aborted) return this.#ended('aborted', false)
    return calls?.isCut ? this.#ended('closed', false) : undefined
  }

  /**
   * Passes on what becomes of the work, or fails as soon as something ends the step. The work continues in the background; a later failure is
   * ignored.
   */
  #await<T>(work: Promise<T>, sent: boolean, done: (value: T) => void, failed: (error: unknown) => void): void {
    this.#work = work
    this.#sent = sent
    this.#fail = failed
    this.#wait()
    work.then(
      (value) => {
        this.#leave()
        if (this.#fail === undefined) return
        this.#fail = undefined
        done(value)
      },
      (error: unknown) => {
        this.#leave()
        const reached = this.#reached
        this.#failOnce(reached === undefined || isFinal(error) ? error : this.#ended(reached, sent, error))
      },
    )
  }

  #failOnce(error: unknown): void {
    const fail = this.#fail
    this.#fail = undefined
    fail?.(error)
  }

  #wait(): void {
    const { signal, calls, unbounded } = this.#options
    this.deadline = this.#sent && !unbounded ? this.#deadline : Number.POSITIVE_INFINITY
    const closing = this.#sent && unbounded === 'until closing' ? calls?.closing : undefined
    if (closing?.aborted) this.#limit()
    else this.#line.add(this)
    if (signal !== undefined || closing !== undefined) this.#listen(signal, closing)
  }

  /** Ends the step soon, although its work was unbounded. */
  #limit(): void {
    this.deadline = this.#failed === 0 ? this.#line.now() + this.#patience : this.#deadline
    this.#line.add(this)
  }

  #listen(signal: AbortSignal | undefined, closing: AbortSignal | undefined): void {
    const onAbort = (): void => this.end('aborted')
    const limit = (): void => this.#limit()
    closing?.addEventListener('abort', limit, { once: true })
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#detach = () => {
      closing?.removeEventListener('abort', limit)
      signal?.removeEventListener('abort', onAbort)
    }
    if (signal?.aborted) onAbort()
  }

  #leave(): void {
    this.#line.leave(this)
    this.#detach?.()
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
