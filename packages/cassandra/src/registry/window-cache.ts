import type { ServerClock } from '../connection/server-clock.ts'
import type { Session } from '../connection/session.ts'
import type { Timings } from '../timings.ts'
import { ttlOf } from '../values/expiry.ts'
import type { Registry } from './registry.ts'
import type { Window } from './windows.ts'

/** A window that this process writes into. */
interface KnownWindow {
  /** When it was registered, in milliseconds since the epoch. */
  readonly registered: number
  readonly part: number
  /** Rows that this process has written into the part. */
  rows: number
}

/** Maximum number of registrations that a process remembers; a forgotten one is made again. */
const MOST_KNOWN = 50_000
/** Windows registered at a time, with two statements each. */
const SLICE = 500

/**
 * Registers windows before their first data is written, remembers them, and decides which part of a window to write to. One per store, since each store
 * has its own expiry.
 */
export class WindowCache {
  readonly #session: Session
  readonly #clock: ServerClock
  readonly #registry: Registry
  readonly #timings: Timings
  readonly #known = new Map<string, KnownWindow>()
  readonly #running = new Map<string, Promise<Window>>()

  constructor(session: Session, clock: ServerClock, registry: Registry, timings: Timings) {
    this.#session = session
    this.#clock = clock
    this.#registry = registry
    this.#timings = timings
  }

  /** The window to write to, if it is registered and its part has room; undefined: register it first. */
  find(key: string, window: Window): Window | undefined {
    const known = this.#known.get(key)
    if (known === undefined || known.rows >= this.#timings.partRows) return undefined
    if (this.#clock.now() - known.registered > this.#timings.trustRegistration) return undefined
    return known.part === 0 ? window : { ...window, part: known.part }
  }

  /** Counts rows that are about to be written into a window's part. */
  count(key: string, rows: number): void {
    const known = this.#known.get(key)
    if (known !== undefined) known.rows += rows
  }

  /**
   * Registers windows, given by their keys; with `parted`, a window that already has parts continues in the last one. Resolves to the window to write
   * to for each key, or to why it could not be registered.
   */
  async register(
    wanted: ReadonlyMap<string, PendingWindow>,
    parted: boolean,
  ): Promise<ReadonlyMap<string, Registered>> {
    const registered = new Map<string, Registered>()
    const entries = [...wanted]
    for (let start = 0; start < entries.length; start += SLICE) {
      await Promise.all(
        entries.slice(start, start + SLICE).map(async ([key, pending]) => {
          // Concurrent inserts register their window once.
          const running = this.#running.get(key) ?? this.#begin(key, pending, parted)
          registered.set(
            key,
            await running.then(
              (window) => ({ window }),
              (error: unknown) => ({ error }),
            ),
          )
        }),
      )
    }
    return registered
  }

  #begin(key: string, pending: PendingWindow, parted: boolean): Promise<Window> {
    const running = this.#registerOne(key, pending, parted).finally(() => this.#running.delete(key))
    this.#running.set(key, running)
    return running
  }

  async #registerOne(key: string, pending: PendingWindow, parted: boolean): Promise<Window> {
    const { name, interval, expiresAt } = pending
    const known = this.#known.get(key)
    const full = known !== undefined && known.rows >= this.#timings.partRows
    const last = parted ? (full ? known.part : await this.#lastPart(pending)) : 0
    const window = { ...pending.window, part: full ? last + 1 : last }
    const touched = this.#clock.tick()
    const ttl = ttlOf(expiresAt, this.#clock.now())
    const statements = this.#registry.statements(name, interval, window, expiresAt ?? 0, ttl, touched)
    await Promise.all(statements.map((statement) => this.#session.write([statement], touched)))
    if (this.#known.size >= MOST_KNOWN) this.#known.clear()
    this.#known.set(key, { registered: this.#clock.now(), part: window.part, rows: full ? 0 : (known?.rows ?? 0) })
    return window
  }

  async #lastPart({ name, interval, window }: PendingWindow): Promise<number> {
    const range = { first: window.win, last: window.win }
    let last = 0
    for await (const { sub, part } of this.#registry.windows(name, interval, { range }))
      if (sub === window.sub && part > last) last = part
    return last
  }
}

/** A window that is not registered yet, or whose part is full. */
export interface PendingWindow {
  readonly name: string
  readonly interval: string
  readonly window: Window
  /** When its last possible data expires, in Unix seconds; null: never. */
  readonly expiresAt: number | null
}

/** The window to write to, or why it could not be registered. */
export type Registered =
  | { readonly window: Window; readonly error?: never }
  | { readonly window?: never; readonly error: unknown }
