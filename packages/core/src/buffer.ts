import type { BufferStats } from './api/buffer.ts'
import type { BufferSettings, Early, EarlyPoint } from './buffer-settings.ts'
import { checkedMilliseconds } from './calls/patience.ts'
import type { KairosError } from './errors.ts'
import { copiesOf } from './internal/copies.ts'
import { must } from './internal/invalid-option.ts'
import { kept } from './internal/kept.ts'
import { warn } from './internal/warn.ts'
import { flagOf, optionsOf } from './pipeline/call-options.ts'
import type { LoadedBuffer } from './pipeline/write/loaded-buffer.ts'

const OPTIONS = ['interval', 'maxCells', 'maxPending', 'overflow', 'onError', 'flushOnExit', 'intervals']

/**
 * A buffer that can be added to at once, and checks values as soon as `load` has resolved; that is tried again after an interval.
 * @throws KAIROS_INVALID_CONFIG
 */
export function createBuffer(
  options: unknown,
  now: () => number,
  closed: () => KairosError,
  load: (settings: BufferSettings, adopt: (buffer: LoadedBuffer) => void) => Promise<void>,
): object {
  const settings = settingsOf(options)
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
      settings.report(error, { kept: [], refused: [], inDoubt: [] })
      if (!isClosed) globalThis.setTimeout(loaded, settings.interval).unref?.()
    })
    return loading
  }

  function addEarly(name: unknown, value: unknown, timestamp: unknown, times: unknown): boolean {
    if (isClosed) throw closed()
    const isFull = early.length >= settings.maxPending
    if (isFull && settings.drops) dropped++
    else early.push([kept(name), value, timestamp ?? now(), times])
    void loaded()
    return early.length < settings.maxPending
  }

  const run = async (method: 'ready' | 'flush' | 'close'): Promise<void> => {
    if (method === 'close') isClosed = true
    if (loading !== undefined || early.length > 0) await loaded()
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

function settingsOf(options: unknown): BufferSettings {
  const fields = optionsOf(options, OPTIONS, [])
  const { interval, maxCells = 10_000, maxPending = 1_000_000, overflow, onError, flushOnExit } = fields
  const whole = (path: string, value: unknown): number => {
    must(Number.isSafeInteger(value) && (value as number) >= 1, path, 'a whole number from 1', value)
    return value as number
  }
  must(overflow === undefined || overflow === 'drop', 'overflow', "'drop'", overflow)
  must(onError === undefined || typeof onError === 'function', 'onError', 'a function', onError)
  return {
    interval: checkedMilliseconds('interval', interval, 1) ?? 1_000,
    maxCells: whole('maxCells', maxCells),
    maxPending: whole('maxPending', maxPending),
    drops: overflow === 'drop',
    flushOnExit: flagOf('flushOnExit', flushOnExit),
    rolling: copiesOf(fields.intervals),
    report(error, cells) {
      if (onError === undefined) {
        const { kept, refused, inDoubt } = cells
        warn(
          `a buffer could not write: ${error.message} (cells kept: ${kept.length}, refused: ${refused.length}, in doubt: ${inDoubt.length})`,
          'KAIROS_BUFFER_FAILED',
        )
      } else (onError as (...told: unknown[]) => void)(error, cells)
    },
  }
}
