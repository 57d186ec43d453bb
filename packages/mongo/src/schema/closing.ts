import type { Requests } from '../connection/requests.ts'
import { type Closing, putRecords, type RecordsDocument } from './records.ts'

/** Where records are, and how long they are relied on. */
export interface RecordsContext {
  readonly requests: Requests
  /** How long an opened store relies on the records that it last saw, in milliseconds. */
  readonly lease: number
  /** The server's clock, in milliseconds. */
  clock(): Promise<number>
}

/** How often a process looks whether another one has finished, in milliseconds. */
export const LOOK_AGAIN = 100

/** Time for looking for live cells and swapping, in milliseconds. */
const TO_SWAP = 10_000

/** A mark that lasts until the leases have run out and the records are swapped. */
export function closingBy(clock: number, lease: number): Closing {
  return { token: crypto.randomUUID(), until: new Date(clock + 2 * lease + TO_SWAP) }
}

/** The next version, without a mark. */
export function unmarked(records: RecordsDocument): RecordsDocument {
  return { ...records, version: records.version + 1, closing: null }
}

/**
 * Removes a mark whose end has come; false: it has not. By compare-and-set, so that the process that set it no longer replaces anything.
 */
export async function endClosing({ requests, clock }: RecordsContext, records: RecordsDocument): Promise<boolean> {
  if (records.closing!.until.getTime() > (await clock())) return false
  await putRecords(requests, records, unmarked(records))
  return true
}
