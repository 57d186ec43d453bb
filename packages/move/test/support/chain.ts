import { configOf } from '@kairos/core/calls'
import { expect } from 'vitest'
import { type AnyTimeseries, type CellChoice, type Digest, digest, migrate } from '../../src/index.ts'
import { type Store, timeseriesOf } from './samples.ts'

/** Moves a timeseries from store to store, under a name of its own, and verifies each step; resolves to the digest of what is chosen in the last. */
export async function moveAlong(
  source: AnyTimeseries,
  name: string,
  stores: readonly Store[],
  choice: CellChoice = {},
): Promise<Digest> {
  let from = source
  for (const [index, store] of stores.entries()) {
    // A store may come twice.
    const to = timeseriesLike(source, `${name.replaceAll(' ', '_')}_${index}`, store)
    const { verified, expired, plan } = await migrate(from, to, { verify: true, parallel: 1 })
    expect({ index, expired, notes: plan.notes, ...verified }).toMatchObject({
      expired: 0,
      notes: [],
      equal: true,
    })
    if (from !== source) await from.close()
    from = to
  }
  const last = await digest(from, choice)
  await from.close()
  return last
}

/** An empty timeseries with the configuration of another; `isEndless`: it keeps every bucket. */
export function timeseriesLike(timeseries: unknown, name: string, store: Store, isEndless = false): AnyTimeseries {
  const { type, valueType, accuracy, precision, intervals, now } = configOf(timeseries)
  const config = {
    name,
    type,
    ...(valueType !== null && { valueType }),
    ...(accuracy !== null && { accuracy }),
    ...(precision !== null && { precision }),
    intervals: Object.fromEntries(
      intervals.map(({ name: interval, step, resolution, zone, offset, steps }) => [
        interval,
        {
          step,
          ...(resolution !== null && { resolution }),
          ...(zone !== 'UTC' && { zone }),
          ...(offset !== 0 && { offset }),
          ...(steps !== null && !isEndless && { steps }),
        },
      ]),
    ),
    ...(now !== undefined && { now }),
  }
  return timeseriesOf(config, store)
}
