import type { CheckedConfig } from '@kairos/core/calls'
import { checkedConfig } from '../cells/checked-config.ts'

/** The name of the interval of a step in seconds: `60s`. */
export function intervalOf(step: number): string {
  return `${step}s`
}

/** With an interval for each step. */
export function configOfSteps(type: 'count' | 'gauge', steps: Iterable<number>): CheckedConfig {
  return checkedConfig({
    type,
    intervals: Object.fromEntries(Array.from(steps, (step) => [intervalOf(step), { step }])),
  })
}
