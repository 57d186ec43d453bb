import type { Reason } from './reasons.ts'

/** Something that was sent and is not stored. */
export interface DeadLetter {
  /** When it came, in Unix seconds. */
  readonly time: number
  readonly reason: Reason
  /** Where it came from: `carbon 127.0.0.1:40000`. */
  readonly source: string
  /** What was sent, at most the first 500 characters of it. */
  readonly text: string
  readonly message?: string
}
