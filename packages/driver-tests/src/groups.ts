import { callerTests } from './concurrency/callers.ts'
import { deleteRaceTests } from './concurrency/deletes.ts'
import { halvesTests } from './concurrency/halves.ts'
import { limitedTests } from './concurrency/limited.ts'
import { processTests } from './concurrency/processes.ts'
import type { TestGroup } from './driver-test.ts'
import { eventTests } from './events/event-tests.ts'
import { abortedWriteTests } from './faults/aborted-writes.ts'
import { closeTests } from './faults/close.ts'
import { closedDriverTests } from './faults/closed-driver.ts'
import { failingTests } from './faults/failing.ts'
import { injectedTests } from './faults/injected.ts'
import { sharedWriteTests } from './faults/shared-writes.ts'
import { signalTests } from './faults/signal.ts'
import { unreachableTests } from './faults/unreachable.ts'
import { modelTests } from './model/model-tests.ts'
import type { DriverTestOptions } from './options.ts'
import { batchTests } from './store/batches.ts'
import { deleteTests } from './store/delete.ts'
import { deleteRangeTests } from './store/delete-range.ts'
import { discoverTests } from './store/discover.ts'
import { dropTests } from './store/drop.ts'
import { expiryTests } from './store/expiry.ts'
import { hostileTests } from './store/hostile.ts'
import { instanceTests } from './store/instances.ts'
import { joinedTests } from './store/joined.ts'
import { limitTests } from './store/limits.ts'
import { localResolutionTests } from './store/local-resolutions.ts'
import { manyTests } from './store/many.ts'
import { mergeTests } from './store/merge.ts'
import { mergeLimitTests } from './store/merge-limits.ts'
import { mergeInStoreTests } from './store/merges.ts'
import { namePageTests } from './store/name-pages.ts'
import { nameTests } from './store/names.ts'
import { overflowTests } from './store/overflow.ts'
import { placeTests } from './store/places.ts'
import { rangeTests } from './store/range.ts'
import { recordTests } from './store/records.ts'
import { replaceTests } from './store/replace.ts'
import { replaceCellTests } from './store/replace-cells.ts'
import { returningTests } from './store/returning.ts'
import { sketchTests } from './store/sketches.ts'
import { sumTests } from './store/sums.ts'
import { sweepTests } from './store/sweeps.ts'
import { valueTests } from './store/values.ts'
import { versionTests } from './store/versions.ts'
import { capabilityTests } from './timeseries/capabilities.ts'
import { clockTests } from './timeseries/clock.ts'
import { configurationTests } from './timeseries/configurations.ts'
import { copyTests } from './timeseries/copies.ts'
import { countTests, streamTests } from './timeseries/counts.ts'
import { extentTests } from './timeseries/extent.ts'
import { factoryTests } from './timeseries/factory.ts'
import { functionTests } from './timeseries/functions.ts'
import { labelTests } from './timeseries/labels.ts'
import { mergedReadTests } from './timeseries/merged-reads.ts'
import { momentTests } from './timeseries/moments.ts'
import { nativeTest } from './timeseries/native.ts'
import { nightTests } from './timeseries/nights.ts'
import { orderTests } from './timeseries/order.ts'
import { questionTests } from './timeseries/questions.ts'
import { rebuildTests } from './timeseries/rebuilding.ts'
import { transactionTests } from './timeseries/transactions.ts'
import { callerValueTests } from './timeseries/values.ts'
import { zoneTests } from './timeseries/zones.ts'
import { scenarioTests } from './vectors/scenarios.ts'
import { timeTest } from './vectors/time.ts'

/** Every test of the kit that these options select, in the order they run: what later ones rely on comes first. */
export function groupsFor(options: DriverTestOptions): TestGroup[] {
  const { size = 'short' } = options
  return [
    {
      title: 'store contract',
      tests: [
        ...recordTests,
        ...replaceTests(size),
        ...versionTests,
        ...mergeTests,
        ...sketchTests,
        ...sumTests,
        ...overflowTests,
        ...instanceTests,
        ...rangeTests,
        ...localResolutionTests,
        ...mergeInStoreTests,
        ...mergeLimitTests,
        ...replaceCellTests,
        ...returningTests,
        ...nameTests,
        ...namePageTests,
        ...placeTests,
        ...discoverTests,
        ...dropTests,
        ...deleteTests,
        ...deleteRangeTests,
        ...expiryTests,
        ...sweepTests(size),
        ...batchTests,
        ...manyTests,
        ...valueTests,
        ...hostileTests,
        ...joinedTests,
        ...limitTests,
      ],
    },
    // The most revealing tests come early.
    { title: 'model', tests: modelTests(options) },
    { title: 'event streams', tests: eventTests },
    { title: 'golden vectors', tests: [timeTest, ...scenarioTests(size)] },
    {
      title: 'timeseries',
      tests: [
        ...countTests,
        ...streamTests(size),
        ...functionTests,
        ...mergedReadTests,
        ...questionTests,
        ...labelTests,
        ...copyTests(size),
        ...rebuildTests,
        ...orderTests,
        ...callerValueTests,
        ...momentTests,
        ...extentTests,
        ...zoneTests,
        ...nightTests,
        nativeTest,
        ...clockTests,
        ...configurationTests,
        ...capabilityTests,
        ...factoryTests(options),
        ...transactionTests(options),
      ],
    },
    {
      title: 'concurrency',
      tests: [
        ...callerTests(size),
        ...halvesTests(size),
        ...deleteRaceTests(size),
        ...limitedTests,
        ...processTests(options),
      ],
    },
    {
      title: 'faults',
      tests: [
        ...closeTests,
        ...closedDriverTests,
        ...signalTests(size),
        ...abortedWriteTests,
        ...injectedTests,
        ...sharedWriteTests(options),
        ...failingTests(options),
        ...unreachableTests(options),
      ],
    },
  ]
}
