export {
  type BenchByHand,
  type BenchEvent,
  type BenchFigure,
  type BenchOptions,
  benchDriver,
} from './bench-driver.ts'
export { describeDriver } from './describe-driver.ts'
export { type Fault, type FaultProxy, type FaultProxyOptions, startFaultProxy } from './fault-proxy.ts'
export type {
  CreateRequest,
  Deviation,
  DriverTestOptions,
  FailingDriver,
  FailingRequest,
  OpenTransaction,
  ProcessOptions,
  TestRunner,
  TransactionalDriver,
} from './options.ts'
