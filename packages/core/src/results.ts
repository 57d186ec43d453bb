// Functions over results: an application loads them only if it imports this entry point.
export { cumulative } from './results/cumulative.ts'
export { type DeltaOptions, delta, rateOf } from './results/delta.ts'
export { movingAverage } from './results/moving-average.ts'
