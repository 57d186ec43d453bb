import { cellFaults } from './cells.ts'
import { eventFaults } from './events.ts'
import { expiryFaults } from './expiry.ts'
import { instanceFaults } from './instances.ts'
import { lawFaults } from './laws.ts'
import { manyFaults } from './many.ts'
import { mergeFaults } from './merges.ts'
import { nameFaults } from './names.ts'
import { pageFaults } from './pages.ts'
import { placeFaults } from './places.ts'
import { readFaults } from './reads.ts'
import { recordFaults } from './records.ts'
import { sketchFaults } from './sketches.ts'
import { stepFaults } from './steps.ts'
import { valueFaults } from './values.ts'
import type { BrokenDriver } from './wrapped.ts'
import { writeFaults } from './writes.ts'

/** Drivers with one fault each: the memory driver with calls replaced, since shipped code has no switches for faults. */
export const brokenDrivers: readonly BrokenDriver[] = [
  ...writeFaults,
  ...readFaults,
  ...valueFaults,
  ...nameFaults,
  ...recordFaults,
  ...instanceFaults,
  ...manyFaults,
  ...stepFaults,
  ...lawFaults,
  ...expiryFaults,
  ...pageFaults,
  ...placeFaults,
  ...cellFaults,
  ...mergeFaults,
  ...sketchFaults,
  ...eventFaults,
]

/** The driver with this fault. */
export function brokenBy(fault: string): BrokenDriver {
  const found = brokenDrivers.find((each) => each.fault === fault)
  if (found === undefined) throw new Error(`no driver is broken by "${fault}"`)
  return found
}
