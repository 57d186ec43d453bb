import { evict } from '../store/eviction.ts'
import { EvictionMemory } from '../store/eviction-memory.ts'
import { eventLogOf } from '../store/store-registry.ts'
import type { AnyEventStore, Eviction } from '../types.ts'
import { repeat } from './repeat.ts'

/** The options of `keepEvicting`. */
export interface KeepEvictingOptions {
  /** Called for each stream that events were deleted from. */
  readonly onEvicted?: (eviction: Eviction) => void
  /** Called when an eviction fails; the next one is tried all the same. */
  readonly onError: (error: unknown) => void
  /** Milliseconds between two evictions. Default 60,000. */
  readonly pause?: number
}

const PAUSE = 60_000

/**
 * Calls `evict` of an open store again and again, never twice at a time. It remembers what it counted, so that a stream whose retention is a number of
 * events is seldom counted whole. Returns a function that stops it, and resolves when nothing of it runs.
 * @example
 * const stop = keepEvicting(store, { onError: console.error })
 * await stop()
 */
export function keepEvicting(
  store: AnyEventStore,
  { onEvicted, onError, pause = PAUSE }: KeepEvictingOptions,
): () => Promise<void> {
  const log = eventLogOf(store)
  const memory = new EvictionMemory()
  const leaving = new AbortController()
  const stop = repeat(async () => {
    try {
      for (const eviction of await evict(log, leaving.signal, memory)) onEvicted?.(eviction)
    } catch (error) {
      if (!leaving.signal.aborted) onError(error)
    }
  }, pause)
  return () => {
    leaving.abort()
    return stop()
  }
}
