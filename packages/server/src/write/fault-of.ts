import { messageOf } from '@kairos/core/driver'
import type { Fault, Reason } from './reasons.ts'

/** What was thrown, as what is wrong with what was sent. */
export function faultOf(reason: Reason, error: unknown): Fault {
  return { reason, message: messageOf(error).slice(0, 500) }
}
