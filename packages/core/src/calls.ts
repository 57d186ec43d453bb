/**
 * How core opens, closes, retries and buckets: for packages that offer more on top of a driver or of a timeseries, as @kairos/events and @kairos/move
 * do. A driver needs none of it. Versioned like the rest of core.
 */

export type { StepOptions } from './calls/attempts.ts'
export { CallGate } from './calls/call-gate.ts'
export { callStore } from './calls/retry.ts'
export { configOf } from './config-of.ts'
export { type Connection, connectionOf } from './drivers/connection.ts'
export { CONFIG } from './internal/config-key.ts'
export { unescaped } from './internal/labels.ts'
export { nearMiss } from './internal/near-miss.ts'
export { cellWindows } from './pipeline/cells/cell-windows.ts'
export { finestOf } from './pipeline/finest.ts'
export { checkNesting, crossing } from './pipeline/rebuild/nesting.ts'
export { bucketsWithin, momentsWithin, type Stretch, stretchOf } from './pipeline/selected.ts'
export { weigherOf } from './pipeline/weigh.ts'
export { createRetention, type Retention } from './retention.ts'
export { type CheckedConfig, type CheckedInterval, type Interval, type Settings, settingsOf } from './settings.ts'
export { parseSpan, parseStep, type Step } from './time/step.ts'
export { offsetIn } from './time/zone-offsets.ts'
