/**
 * How core opens, closes and retries: for packages that offer more on top of a driver, as @kairos/events does. A driver needs none of it. Versioned
 * like the rest of core.
 */

export type { StepOptions } from './calls/attempts.ts'
export { CallGate } from './calls/call-gate.ts'
export { callStore } from './calls/retry.ts'
export { type Connection, connectionOf } from './drivers/connection.ts'
