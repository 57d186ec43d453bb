import type { BufferFailure } from './api/buffer.ts'
import type { KairosError } from './errors.ts'

/** Checked options. */
export interface BufferSettings {
  readonly interval: number
  readonly maxCells: number
  readonly maxPending: number
  readonly drops: boolean
  readonly flushOnExit: boolean
  readonly rolling: number
  report(error: KairosError, cells: BufferFailure): void
}

/** What was added before the buffer's code was loaded and its driver connected. */
export type EarlyPoint = readonly [name: unknown, value: unknown, timestamp: unknown, times: unknown]

export interface Early {
  readonly points: readonly EarlyPoint[]
  readonly dropped: number
}
