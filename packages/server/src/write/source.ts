import type { IntakeStats } from './intake-stats.ts'

/** Where something came from. */
export interface Source {
  /** carbon, pickle, statsd, http. */
  readonly listener: string
  /** Its address: `127.0.0.1:40000`. */
  readonly peer: string
  /** Cannot be made to wait: what does not fit is dropped, and counted. */
  readonly isLossy: boolean
  readonly stats: IntakeStats
}
