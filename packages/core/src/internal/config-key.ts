/** The key under which a timeseries keeps its checked configuration for `configOf`, also for that of another installed copy of core. */
export const CONFIG: unique symbol = Symbol.for('@kairos/core/config')
