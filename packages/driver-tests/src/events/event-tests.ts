import type { DriverTest } from '../driver-test.ts'
import { claim } from '../internal/same.ts'
import { appendTests } from './append.ts'
import { concurrencyTests } from './concurrency.ts'
import { deleteTests } from './delete.ts'
import { modelTests } from './model.ts'
import { readTests } from './read.ts'
import { streamTests } from './streams.ts'

/** The events part of the contract, which drivers without it skip. */
export const eventTests: readonly DriverTest[] = [
  {
    title: 'events: the capability and openEvents go together',
    async run(context) {
      const { capabilities, openEvents } = await context.driver('events')
      claim(
        (capabilities.events === undefined) === (openEvents === undefined),
        `capabilities.events is ${capabilities.events === undefined ? 'absent, and openEvents is there' : 'there, and openEvents is absent'}`,
      )
    },
  },
  ...appendTests,
  ...readTests,
  ...deleteTests,
  ...streamTests,
  ...concurrencyTests,
  ...modelTests,
]
