import type { Bench } from './bench.ts'

/** One test: a title that no other has, and what it does. */
export interface DriverTest {
  readonly title: string
  /** Only in the long size. */
  readonly long?: boolean
  run(bench: Bench): Promise<void>
}

/** Tests that stand together under a title. */
export interface TestGroup {
  readonly title: string
  readonly tests: readonly DriverTest[]
}
