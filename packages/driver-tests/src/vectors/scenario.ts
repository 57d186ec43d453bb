import type { TimeseriesType } from '@kairos/core/driver'
import type { AnyConfig, AnyTimeseries } from '../internal/any-timeseries.ts'

/** One line of scenarios.jsonl: a timeseries, the values written to it, a question and its answer. */
export interface Scenario {
  readonly id: string
  /** Scenarios of one kind have the same intervals; only how many are kept may differ. */
  readonly kind: string
  readonly config: {
    readonly type: TimeseriesType
    readonly valueType?: string
    readonly precision?: number
    readonly intervals: readonly (readonly [string, AnyConfig['intervals'][string]])[]
  }
  readonly now: number
  readonly ops: readonly Operation[]
  readonly query: {
    readonly method: 'get' | 'series' | 'iterate' | 'query' | 'top' | 'list' | 'properties' | 'cells'
    /** Patterns of a matcher are written `{ "$pattern": … }`. */
    readonly name?: string | object
    readonly interval?: string
    readonly options?: object
  }
  readonly expected: unknown
}

type Operation =
  | {
      readonly op: 'insert'
      readonly name: string
      readonly value?: unknown
      readonly timestamp?: number
      readonly intervals?: number
    }
  | { readonly op: 'bulkInsert'; readonly points: Points; readonly intervals?: number }
  | { readonly op: 'delete'; readonly name: string }
  | { readonly op: 'deleteAll' }
  | { readonly op: 'advance'; readonly seconds: number }

type Points = readonly (readonly [number | null, readonly (readonly [string | object, readonly unknown[]])[]])[]

/** The interval as the store knows it: intervals of one name differ between kinds, so each kind has its own. */
export function intervalOf({ kind }: Scenario, interval: string): string {
  return `${kind} ${interval}`
}

export function configOf(scenario: Scenario): AnyConfig {
  const { type, valueType, precision, intervals } = scenario.config
  return {
    type,
    ...(type !== 'count' && valueType !== undefined && { valueType }),
    ...(precision !== undefined && { precision }),
    intervals: Object.fromEntries(intervals.map(([name, interval]) => [intervalOf(scenario, name), interval])),
  }
}

export async function apply(timeseries: AnyTimeseries, clock: { now: number }, operation: Operation): Promise<void> {
  switch (operation.op) {
    case 'insert': {
      const { name, value, timestamp, intervals } = operation
      await timeseries.insert(name, value, {
        ...(timestamp !== undefined && { timestamp }),
        ...(intervals && { intervals }),
      })
      return
    }
    case 'bulkInsert':
      await timeseries.bulkInsert(
        pointsOf(operation.points),
        operation.intervals ? { intervals: operation.intervals } : {},
      )
      return
    case 'delete':
      return timeseries.delete(operation.name)
    case 'deleteAll':
      return timeseries.deleteAll()
    case 'advance':
      clock.now += operation.seconds
  }
}

/** A `Map`, as most callers would write it; or points, where a `Map` cannot hold the same moment twice. */
function pointsOf(points: Points): unknown {
  const moments = new Map(points.map(([moment, names]) => [moment, new Map(names)]))
  if (moments.size === points.length) return moments
  return points.flatMap(([moment, names]) =>
    names.map(([name, value]) => (moment === null ? { name, value } : { name, value, timestamp: moment })),
  )
}
