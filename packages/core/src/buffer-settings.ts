import type { BufferFailure } from './api/buffer.ts'
import type { KairosError } from './errors.ts'

/** Checked options, with their defaults. */
export interface BufferSettings {
  readonly interval: number
  readonly maxCells: number
  readonly maxPending: number
  readonly overflow: 'drop' | undefined
  readonly onError: (error: KairosError, cells: BufferFailure) => void
  readonly flushOnExit: boolean
  readonly intervals: number
}

/** What was added before the buffer's code was loaded and its driver connected. */
export type EarlyPoint = readonly [name: unknown, value: unknown, timestamp: unknown, times: unknown]

export interface Early {
  readonly points: readonly EarlyPoint[]
  readonly dropped: number
}
