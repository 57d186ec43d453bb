import { storeError } from '../error-details.ts'
import type { KairosError, KairosErrorDetails } from '../errors.ts'
import { messageOf } from '../internal/message-of.ts'

/** Why a step ends without an answer: its signal, its patience, or `close({ timeout })`. */
export type EndReason = 'aborted' | 'impatient' | 'closed'

/** What ends the wait for a step. */
export class Ended extends Error {
  readonly reason: EndReason
  /** Whether the request was sent: then the store may still execute it. */
  readonly sent: boolean
  /** The last failure before it, or why the signal aborted. */
  readonly last: unknown
  readonly patience: number
  /** What the driver rejected with in the same turn, if it did: it may know what the store executed. */
  readonly verdict: unknown

  constructor(reason: EndReason, sent: boolean, last: unknown, patience: number, verdict?: unknown) {
    super(reason)
    this.reason = reason
    this.sent = sent
    this.last = last
    this.patience = patience
    this.verdict = verdict
  }
}

/** The error for the caller; `told` is added to its message. */
export function errorOfEnd(
  ended: Ended,
  details: KairosErrorDetails & { readonly driver: string },
  told = '',
): KairosError {
  const { driver, operation } = details
  const { reason, last, patience } = ended
  if (reason === 'aborted')
    return storeError('KAIROS_ABORTED', `${operation} was aborted by its signal${told}`, details, last)
  if (reason === 'closed')
    return storeError('KAIROS_CLOSED', `${operation} was still running when close() timed out${told}`, details, last)
  const failure = last === undefined ? '' : `: ${messageOf(last)}`
  return storeError(
    'KAIROS_STORE_FAILED',
    `${operation} failed in the ${driver} store: it took longer than ${patience} ms${failure}${told}`,
    { ...details, retryable: true },
    last,
  )
}
