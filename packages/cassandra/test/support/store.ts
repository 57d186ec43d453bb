import type { CellReplacement, CellValue, CellWrite, OpenedStore, OriginalType, StoreSchema } from '@kairos/core/driver'

/** From the first bucket on. */
export const ALL = { m: Number.MIN_SAFE_INTEGER }
/** From after the last bucket on. */
export const EMPTY = { m: Number.MAX_SAFE_INTEGER }

/** A schema with one interval, `m`, without resolution and expiry. */
export function schemaOf(type: OriginalType, valueType: string, name?: string): StoreSchema {
  const interval = { record: '{"version":1,"step":60}', facts: '{"steps":1}', hasResolution: false, fanOut: 1 }
  return {
    ...(name !== undefined && { name }),
    ...{ type, valueType, record: `{"version":1,"valueType":"${valueType}"}`, facts: '{"by":"a test"}' },
    intervals: {
      m: { ...interval, expiresAt: () => null, resolutionRange: () => ({ first: 0, last: 0 }) },
    },
  }
}

/** A change of a cell of `m`. */
export function change(name: string, bucket: number, value: CellValue): CellWrite {
  return { name, interval: 'm', bucket, resolutionBucket: 0, change: value }
}

export function write({ store }: OpenedStore, ...cells: CellWrite[]): Promise<unknown> {
  return store.write({ cells, oldestLive: ALL })
}

/** Sets cells of `m`. */
export function replace(
  { store }: OpenedStore,
  name: string,
  values: readonly (readonly [bucket: number, CellValue | null])[],
): Promise<unknown> {
  const cells = values.map(
    ([bucket, value]): CellReplacement => ({ name, interval: 'm', bucket, resolutionBucket: 0, value }),
  )
  return store.replace!({ cells, oldestLive: ALL })
}

/** The values of a name in `m`, by bucket. */
export async function read({ store }: OpenedStore, name: string): Promise<Map<number, CellValue>> {
  const cells = await store.read({ names: [name], interval: 'm', range: { first: 0, last: 1_000_000 } })
  return new Map(cells.map(({ bucket, value }) => [bucket, value]))
}

/** All names with a live cell in `m`. */
export async function names({ store }: OpenedStore): Promise<readonly string[]> {
  return (await store.names({ oldestLive: ALL, limit: 1_000 })).names
}
