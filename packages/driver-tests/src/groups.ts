import type { TestGroup } from './driver-test.ts'
import { eventTests } from './events/event-tests.ts'
import type { DriverTestOptions } from './options.ts'
import { batchTests } from './store/batches.ts'
import { deleteTests } from './store/delete.ts'
import { expiryTests } from './store/expiry.ts'
import { hostileTests } from './store/hostile.ts'
import { limitTests } from './store/limits.ts'
import { mergeTests } from './store/merge.ts'
import { nameTests } from './store/names.ts'
import { rangeTests } from './store/range.ts'
import { recordTests } from './store/records.ts'
import { valueTests } from './store/values.ts'
import { scenarioTests } from './vectors/scenarios.ts'
import { timeTest } from './vectors/time.ts'

/** Every test of the kit that these options leave in, in the order they run: what later ones stand on comes first. */
export function groupsFor({ size = 'short' }: DriverTestOptions): TestGroup[] {
  return [
    {
      title: 'store contract',
      tests: [
        ...recordTests,
        ...mergeTests,
        ...rangeTests,
        ...nameTests,
        ...deleteTests,
        ...expiryTests,
        ...batchTests,
        ...valueTests,
        ...hostileTests,
        ...limitTests,
      ],
    },
    { title: 'event streams', tests: eventTests },
    { title: 'golden vectors', tests: [timeTest, ...scenarioTests(size)] },
  ]
}
