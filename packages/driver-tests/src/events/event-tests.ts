import type { DriverTest } from '../driver-test.ts'
import { appendTests } from './append.ts'
import { concurrencyTests } from './concurrency.ts'
import { deleteTests } from './delete.ts'
import { modelTests } from './model.ts'
import { readTests } from './read.ts'
import { streamTests } from './streams.ts'

/** The events part of the contract; of a driver without it, each test asks just that it says so. */
export const eventTests: readonly DriverTest[] = [
  ...appendTests,
  ...readTests,
  ...deleteTests,
  ...streamTests,
  ...concurrencyTests,
  ...modelTests,
]
