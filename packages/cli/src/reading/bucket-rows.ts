import type { Column, Row } from '../output/columns.ts'
import type { Part } from './splitting.ts'
import type { Transforms } from './transforms.ts'

/** What a result of a read contains. */
interface Shape {
  readonly part: Part
  /** Whether buckets contain those of a resolution. */
  readonly nested: boolean
}

/** The columns of buckets, in which each row differs from the others. */
export function bucketColumns({ part, nested }: Shape, { columns }: Transforms): Column[] {
  return [
    ...(part === undefined ? [] : [{ key: part }]),
    { key: 'start', machine: true },
    ...(nested ? [{ key: 'resolutionStart', machine: true } as const] : []),
    { key: 'time', kind: 'time' },
    ...columns.map((key) => ({ key })),
  ]
}

/** The rows of a result: of each name or group where they have parts, of each resolution bucket where buckets contain them. */
export function* bucketRows(
  result: ReadonlyMap<unknown, unknown>,
  shape: Shape,
  transforms: Transforms,
): Generator<Row> {
  const { part } = shape
  if (part === undefined) return yield* rowsOf(result, shape, transforms)
  for (const [name, buckets] of result)
    for (const row of rowsOf(buckets as ReadonlyMap<unknown, unknown>, shape, transforms))
      yield { [part]: name, ...row }
}

function* rowsOf(buckets: ReadonlyMap<unknown, unknown>, { nested }: Shape, transforms: Transforms): Generator<Row> {
  for (const [start, data] of buckets) {
    if (!nested) yield bucketRow(start, data, transforms)
    else
      for (const [resolutionStart, inner] of data as ReadonlyMap<unknown, unknown>)
        yield { start, resolutionStart, time: resolutionStart, ...transforms.fields(inner) }
  }
}

/** The row of a bucket. */
export function bucketRow(start: unknown, data: unknown, { fields }: Transforms): Row {
  return { start, time: start, ...fields(data) }
}
