import type { RecordsDocument } from './records.ts'

/** Says that a process is about to replace records: no writer begins before the mark is gone, or its end has come. */
export interface Closing {
  /** Whose mark it is. */
  readonly token: string
  /** By the server's clock. Whoever meets the mark later takes it away, and its maker then replaces nothing. */
  readonly until: Date
}

/** How long a mark holds, in milliseconds: the lease that is to be outlasted, and time to look for live cells and swap. */
export function closingTime(lease: number): number {
  return 2 * lease + 10_000
}

export function closingBy(clock: number, lease: number): Closing {
  return { token: crypto.randomUUID(), until: new Date(clock + closingTime(lease)) }
}

export function hasEnded({ until }: Closing, clock: number): boolean {
  return until.getTime() <= clock
}

/** The next version, without a mark. */
export function unmarked(records: RecordsDocument): RecordsDocument {
  return { ...records, version: records.version + 1, closing: null }
}
