import type { KairosError } from '@kairos/core'
import { harmless } from '@kairos/core/driver'
import type { EventClientOptions, LostEvent } from './types.ts'

export type ReportError = (error: KairosError, lost: readonly LostEvent[]) => void

/**
 * Calls `onError`, one call at a time. An `onError` that uses the client may cause what it is called for: losses are then reported when it has
 * returned and other work had its turn, so that enqueuing them again into a full queue ends. Failures in recording a function are not reported to
 * an `onError` that calls the function: it would be called without end.
 */
export function errorReporter(onError: EventClientOptions['onError']): ReportError {
  const observe: ReportError = harmless('onError', onError) ?? (() => {})
  let isReporting = false
  return function report(error, lost) {
    if (isReporting) {
      if (lost.length > 0) setTimeout(report, 0, error, lost)
      return
    }
    isReporting = true
    observe(error, lost)
    isReporting = false
  }
}
