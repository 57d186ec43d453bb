import type { TimeseriesType } from '@kairos/core/driver'
import fc, { type Arbitrary, type AsyncCommand } from 'fast-check'
import { outcome } from '../internal/agree.ts'
import { type AnyTimeseries, collect } from '../internal/any-timeseries.ts'
import { alike, show } from '../internal/same.ts'
import { TRANSFORMS } from '../internal/transforms.ts'
import { type Clock, NOW } from '../test-context.ts'

/** The memory driver, which defines what is correct; both share one clock. */
export interface Model {
  readonly timeseries: AnyTimeseries
  readonly clock: Clock
}

/** Two instances of the driver under test, at one place. */
export interface Real {
  readonly instances: readonly [AnyTimeseries, AnyTimeseries]
  readonly clock: Clock
}

export type TimeseriesCommand = AsyncCommand<Model, Real>

export const INTERVALS = {
  'model minute': { step: 60, steps: 4 },
  'model hour': { step: 3600, resolution: 60 },
  'model day': { step: 'daily', resolution: '1h', steps: 2 },
} as const

/** An iteration ends after this many pairs: a write far in the future makes it long. */
const MOST_PAIRS = 300

const NAMES = ['a', 'A', '__proto__'] as const

/** The model's times: around the clock's start, sometimes before 1970. */
const timestamp: Arbitrary<number> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -250, max: 150 }).map((offset) => NOW + offset) },
  { weight: 2, arbitrary: fc.integer({ min: -30, max: 30 }).map((hours) => NOW + hours * 3600) },
  { weight: 1, arbitrary: fc.integer({ min: -200, max: 200 }) },
)
const name = fc.constantFrom(...NAMES)
const interval = fc.constantFrom(...Object.keys(INTERVALS))
const instance = fc.constantFrom(0 as const, 1 as const)
const value = fc.integer({ min: -3, max: 9 })
const values = fc.array(value, { minLength: 1, maxLength: 5 })
const rolling = fc.constantFrom(0, 0, 0, 1, -1, -3)

/** Every command; a run takes any number of them in any order. Commands that read compare both results. */
export function commandArbitraries(type: TimeseriesType, sweeps: boolean): Arbitrary<TimeseriesCommand>[] {
  const inserts = fc
    .record({ instance, name, values, timestamp, intervals: rolling })
    .map(({ instance, name, values, ...options }) =>
      both('insert', [instance, name, values, options], (on) => on(instance).insert(name, values, options)),
    )
  const bulkInserts = fc
    .record({
      instance,
      points: fc.array(fc.record({ name, value: values, timestamp }), { minLength: 1, maxLength: 6 }),
      intervals: rolling,
    })
    .map(({ instance, points, intervals }) =>
      both('bulkInsert', [instance, points, intervals], (on) => on(instance).bulkInsert(points, { intervals })),
    )
  const reads = fc
    .record({
      instance,
      asked: fc.oneof(name, fc.uniqueArray(name, { minLength: 1 })),
      interval,
      timestamp,
      method: fc.constantFrom('get', 'series', 'condensed', 'collapsed', 'iterate'),
      transform: fc.constantFrom(...TRANSFORMS[type]),
    })
    .map(({ instance, asked, interval, timestamp, method, transform }) =>
      both(method, [instance, asked, interval, timestamp, transform], (on) => {
        const timeseries = on(instance)
        const shown = transform === undefined ? {} : { transform }
        if (method === 'get') return timeseries.get(asked, interval, { timestamp, ...shown })
        if (method === 'iterate')
          return collect(
            timeseries.iterate(asked, interval, { condense: interval === 'model day', ...shown }),
            MOST_PAIRS,
          )
        const stage = { condense: method === 'condensed', collapse: method === 'collapsed' }
        return timeseries.series(asked, interval, { end: timestamp, steps: 4, ...stage, ...shown })
      }),
    )
  return [
    inserts,
    bulkInserts,
    reads,
    instance.map((instance) => both('list', [instance], (on) => on(instance).list())),
    fc
      .record({ instance, name })
      .map(({ instance, name }) => both('properties', [instance, name], (on) => on(instance).properties(name))),
    fc
      .record({ instance, name })
      .map(({ instance, name }) => both('delete', [instance, name], (on) => on(instance).delete(name))),
    fc.record({ instance, name: fc.option(name, { nil: undefined }) }).map(({ instance, name }) =>
      both('expire', [instance, name], async (on) => {
        const expired = await on(instance).expire(name)
        return sweeps ? expired : 0
      }),
    ),
    fc.constantFrom(30, 60, 200, 3600, 90_000).map(advance),
  ]
}

type On = (instance: 0 | 1) => AnyTimeseries

/** The same call on both; the answers must agree. */
function both(method: string, args: readonly unknown[], call: (on: On) => Promise<unknown>): TimeseriesCommand {
  const text = `${method}(${args.map(show).join(', ')})`
  return {
    check: () => true,
    async run(model, real) {
      const expected = await outcome(call(() => model.timeseries))
      const found = await outcome(call((instance) => real.instances[instance]))
      // A sum of floats is the same number in any order only when they are integers, as all here are.
      alike(found, expected, text)
    },
    toString: () => text,
  }
}

function advance(seconds: number): TimeseriesCommand {
  return {
    check: () => true,
    async run(model, real) {
      model.clock.now += seconds
      real.clock.now += seconds
    },
    toString: () => `advance(${seconds})`,
  }
}

/** Everything that a timeseries shows, since no command of a run may have looked at it. */
export async function sightOf(timeseries: AnyTimeseries): Promise<ReadonlyMap<string, unknown>> {
  const sights = NAMES.flatMap((name) => [
    [`properties of ${name}`, timeseries.properties(name)] as const,
    ...Object.keys(INTERVALS).map(
      (interval) => [`${name} in ${interval}`, collect(timeseries.iterate(name, interval), MOST_PAIRS)] as const,
    ),
  ])
  const seen = await Promise.all(sights.map(async ([what, sight]) => [what, await sight] as const))
  return new Map<string, unknown>([...seen, ['list', await timeseries.list()]])
}
