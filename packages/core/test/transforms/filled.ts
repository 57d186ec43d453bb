import { type AnyTimeseries, createAny } from '../support/any-timeseries.ts'

/** Of one bucket, with the values: what a transform makes of it. */
interface Filled {
  readonly timeseries: AnyTimeseries
  transformed(transform: unknown): Promise<unknown>
}

const intervals = { minute: { step: 60 }, hour: { step: 3_600, resolution: 60 } }

/** A timeseries in memory that has these values at 1970-01-01T00:00:00Z. */
export async function filled(
  type: string,
  valueType: string | undefined,
  values: readonly unknown[],
  more = {},
): Promise<Filled> {
  const timeseries = createAny('memory:', {
    type,
    ...(valueType === undefined ? {} : { valueType }),
    intervals,
    now: () => 0,
    ...more,
  })
  if (values.length > 0) await timeseries.insert('a', values)
  const transformed = async (transform: unknown): Promise<unknown> =>
    [...(await timeseries.get('a', 'minute', { transform })).values()][0]
  return { timeseries, transformed }
}
