export { get, series } from './get-and-series.ts'
export { readWindows } from './iterate.ts'
