import type { RecordsDocument } from './records.ts'

/** Says that a process is about to replace records: no writer begins before the mark is gone, or its end has come. */
export interface Closing {
  /** Whose mark it is. */
  readonly token: string
  /** By the server's clock. Whoever meets the mark later takes it away, and its maker then replaces nothing. */
  readonly until: Date
}

/** A mark that holds until the lease has been outlasted, and then for so long as looking for live cells and the swap take. */
export function closingBy(clock: number, lease: number): Closing {
  return { token: crypto.randomUUID(), until: new Date(clock + 2 * lease + TO_SWAP) }
}

const TO_SWAP = 10_000

export function hasEnded({ until }: Closing, clock: number): boolean {
  return until.getTime() <= clock
}

/** The next version, without a mark. */
export function unmarked(records: RecordsDocument): RecordsDocument {
  return { ...records, version: records.version + 1, closing: null }
}
