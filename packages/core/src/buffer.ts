import type { BufferFailure, BufferStats } from './api/buffer.ts'
import type { BufferSettings, Early, EarlyPoint } from './buffer-settings.ts'
import { KairosError } from './errors.ts'
import { CLOSED } from './internal/closed.ts'
import { COPIES } from './internal/copies.ts'
import { kept } from './internal/kept.ts'
import { between, FLAG, FUNCTION, MILLISECONDS, optionsBy, type Rule, type Rules } from './internal/rules.ts'
import { warn } from './internal/warn.ts'
import type { LoadedBuffer } from './pipeline/write/loaded-buffer.ts'

const WHOLE: Rule = /* @__PURE__ */ between('a whole number from 1', 1)

const OPTIONS: Rules<keyof BufferSettings> = {
  interval: MILLISECONDS,
  maxCells: WHOLE,
  maxPending: WHOLE,
  overflow: ["'drop'", (overflow) => overflow === 'drop'],
  onError: FUNCTION,
  flushOnExit: FLAG,
  intervals: COPIES,
}

const USUAL: Omit<BufferSettings, 'overflow'> = {
  interval: 1_000,
  maxCells: 10_000,
  maxPending: 1_000_000,
  onError: warnOf,
  flushOnExit: false,
  intervals: 0,
}

/**
 * A buffer that can be added to at once, and checks values as soon as `load` has resolved; that is tried again after an interval. `driver` is what
 * messages call the store; `now` the clock, by default the system's.
 * @throws KAIROS_INVALID_CONFIG
 */
export function createBuffer(
  options: unknown,
  driver: string,
  load: (settings: BufferSettings, adopt: (buffer: LoadedBuffer) => void) => Promise<void>,
  now: () => number = () => Date.now() / 1_000,
): object {
  const settings = optionsBy<BufferSettings>(OPTIONS, USUAL, options, 'options', '', ' of this call')
  let early: EarlyPoint[] = []
  let buffer: LoadedBuffer | undefined
  let loading: Promise<void> | undefined
  let isClosed = false
  let dropped = 0
  let failed = 0
  let lastError: KairosError | undefined

  /** As soon as it is there, so that nothing is added to this one while the timeseries is closing. */
  function adopt(made: LoadedBuffer): void {
    buffer = made
    const taken: Early = { points: early, dropped }
    early = []
    dropped = 0
    made.begin(taken)
  }

  /** Resolves in any case; what failed is reported. */
  function loaded(): Promise<void> {
    loading ??= load(settings, adopt).catch((error: KairosError) => {
      loading = undefined
      if (early.length === 0) return
      lastError = error
      if (isClosed || error.code === 'KAIROS_CLOSED') {
        failed += early.length
        early = []
      }
      settings.onError(error, { kept: [], refused: [], inDoubt: [] })
      if (!isClosed) globalThis.setTimeout(loaded, settings.interval).unref?.()
    })
    return loading
  }

  function addEarly(name: unknown, value: unknown, timestamp: unknown, times: unknown): boolean {
    if (isClosed) throw new KairosError('KAIROS_CLOSED', CLOSED, { driver })
    const isFull = early.length >= settings.maxPending
    if (isFull && settings.overflow) dropped++
    else early.push([kept(name), value, timestamp ?? now(), times])
    void loaded()
    return early.length < settings.maxPending
  }

  const run = async (method: 'ready' | 'flush' | 'close'): Promise<void> => {
    if (method === 'close') isClosed = true
    if (loading || early.length || (method === 'ready' && !isClosed)) await loaded()
    await buffer?.[method]()
  }
  const stats = (): BufferStats =>
    buffer?.stats() ?? { pending: early.length, stored: 0, expired: 0, dropped, failed, inDoubt: 0, lastError }
  return {
    add: (name: unknown, value?: unknown, timestamp?: unknown, times?: unknown): boolean =>
      buffer === undefined ? addEarly(name, value, timestamp, times) : buffer.add(name, value, timestamp, times),
    ready: () => run('ready'),
    flush: () => run('flush'),
    close: () => run('close'),
    stats,
    [Symbol.asyncDispose]: () => run('close'),
  }
}

function warnOf(error: KairosError, { kept, refused, inDoubt }: BufferFailure): void {
  const cells = `cells kept: ${kept.length}, refused: ${refused.length}, in doubt: ${inDoubt.length}`
  warn(`a buffer could not write: ${error.message} (${cells})`, 'KAIROS_BUFFER_FAILED')
}
