import { isMap } from '../internal/collections.ts'
import { type Compare, orderOf } from './order.ts'
import type { Planned } from './planned.ts'
import { totalTimes } from './sums.ts'
import type { Values } from './values.ts'
import { visitorOf, wrongShape } from './visit.ts'

/** A transform with parameters, as a message shows it. */
export function spell(planned: Planned): string {
  return planned.name === 'top' ? `top(${planned.n})` : 'share(test)'
}

/**
 * What such a transform makes of a histogram; it leaves out values whose times are 0 or less.
 * @throws KAIROS_INVALID_CONFIG if a function of the caller made data of another shape
 */
export function applyToCounts(planned: Planned, data: unknown, values: Values): unknown {
  if (!isMap(data)) throw wrongShape('a map of counts', data)
  const counts = [...(data as ReadonlyMap<unknown, number>)].filter(([, times]) => times > 0)
  return planned.name === 'top'
    ? mostOf(counts, planned.n, orderOf(visitorOf(data), values))
    : shareOf(counts, planned.test as (value: unknown) => boolean)
}

type Counts = readonly (readonly [value: unknown, times: number])[]

function mostOf(counts: Counts, n: number, compare: Compare): Counts {
  return [...counts].sort(([a, timesA], [b, timesB]) => timesB - timesA || compare(a, b)).slice(0, n)
}

function shareOf(counts: Counts, test: (value: unknown) => boolean): number | null {
  const passing = counts.filter(([value]) => test(value))
  return counts.length === 0 ? null : totalOf(passing) / totalOf(counts)
}

function totalOf(counts: Counts): number {
  return totalTimes((see) => {
    for (const [value, times] of counts) see(value, times)
  })
}
