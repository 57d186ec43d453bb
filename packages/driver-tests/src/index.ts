export { describeDriver } from './describe-driver.ts'
export type { CreateRequest, Deviation, DriverTestOptions, ProcessOptions, TestRunner } from './options.ts'
