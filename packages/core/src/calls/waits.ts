import type { EndReason } from './ended.ts'

/** The wait for one attempt. */
export interface Wait {
  /** When patience ends, by `performance.now()`; infinite: never. To be added again when it changes. */
  deadline: number
  end(reason: EndReason): void
  /** Those beside it in its line: a `Set` would have its old tables outlive many collections of garbage. */
  previous: Wait | undefined
  next: Wait | undefined
}

/**
 * Waits with one timer for all of them. It is set only for what is still waited for in a later turn of the event loop: a timer for each would cost
 * half as much as an insert into memory.
 */
export class WaitLine {
  /** Tests swap the clock: what began with one must end by it. */
  readonly #setTimeout: typeof setTimeout = setTimeout
  readonly #clearTimeout: typeof clearTimeout = clearTimeout
  readonly #clock: typeof performance = performance
  /** The end of the line, and its beginning. */
  readonly #ring: Wait = { deadline: Number.POSITIVE_INFINITY, end() {}, previous: undefined, next: undefined }
  #timer: ReturnType<typeof setTimeout> | undefined
  /** When the timer looks for impatient waits. */
  #due = Number.POSITIVE_INFINITY

  constructor() {
    this.#ring.previous = this.#ring
    this.#ring.next = this.#ring
  }

  get isCurrent(): boolean {
    return this.#setTimeout === setTimeout
  }

  get isEmpty(): boolean {
    return this.#ring.next === this.#ring
  }

  /** By its own clock, in milliseconds. */
  now(): number {
    return this.#clock.now()
  }

  add(wait: Wait): void {
    if (wait.next === undefined) {
      const last = this.#ring.previous!
      wait.previous = last
      wait.next = this.#ring
      last.next = wait
      this.#ring.previous = wait
    }
    // In the next turn of the event loop, when most will have left.
    if (wait.deadline < this.#due) this.#look(0, Number.NEGATIVE_INFINITY)
  }

  leave(wait: Wait): void {
    const { previous, next } = wait
    if (previous === undefined || next === undefined) return
    previous.next = next
    next.previous = previous
    wait.previous = undefined
    wait.next = undefined
    // A timer would keep the process alive; one for the next turn ends by itself.
    if (!this.isEmpty || this.#due === Number.NEGATIVE_INFINITY || this.#timer === undefined) return
    this.#clearTimeout.call(undefined, this.#timer)
    this.#timer = undefined
    this.#due = Number.POSITIVE_INFINITY
  }

  endAll(reason: EndReason): void {
    for (const wait of this.#list()) wait.end(reason)
  }

  #list(): Wait[] {
    const waits: Wait[] = []
    for (let wait = this.#ring.next!; wait !== this.#ring; wait = wait.next!) waits.push(wait)
    return waits
  }

  #look(milliseconds: number, due: number): void {
    this.#clearTimeout.call(undefined, this.#timer)
    this.#due = due
    this.#timer = this.#setTimeout.call(undefined, () => this.#endImpatient(due), milliseconds)
  }

  /** Timers may be a little early, and a test's clock may move only them: what the timer was for is due. */
  #endImpatient(due: number): void {
    const now = Math.max(this.#clock.now(), due)
    let next = Number.POSITIVE_INFINITY
    this.#timer = undefined
    this.#due = next
    for (const wait of this.#list()) {
      if (wait.deadline <= now) wait.end('impatient')
      else if (wait.deadline < next) next = wait.deadline
    }
    if (next < Number.POSITIVE_INFINITY) this.#look(Math.max(0, next - this.#clock.now()), next)
  }
}

/** The waits of a timeseries or an event store. */
export class Waits {
  #line = new WaitLine()
  readonly #older = new Set<WaitLine>()

  /** For a new wait. */
  get line(): WaitLine {
    if (!this.#line.isCurrent) this.#swap()
    return this.#line
  }

  endAll(reason: EndReason): void {
    for (const line of [...this.#older, this.#line]) line.endAll(reason)
  }

  #swap(): void {
    for (const line of this.#older) if (line.isEmpty) this.#older.delete(line)
    if (!this.#line.isEmpty) this.#older.add(this.#line)
    this.#line = new WaitLine()
  }
}
