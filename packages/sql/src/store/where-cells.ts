import type { Bind, CellPlace, Dialect } from '../dialects/dialect.ts'
import type { Table } from '../dialects/table.ts'
import type { Row } from '../kysely/query.ts'
import { toNumber } from '../values/value-columns.ts'

/** These cells, as many at a time as go into one statement with `whereCells`. */
export function* chunksOf<Cell>(
  { mostPlaces }: Pick<Dialect, 'mostPlaces'>,
  cells: readonly Cell[],
): Generator<readonly Cell[]> {
  for (let from = 0; from < cells.length; from += mostPlaces) yield cells.slice(from, from + mostPlaces)
}

/** The condition for the rows of some cells, in a table with this generation. */
export function whereCells(dialect: Dialect, { generation }: Table, bind: Bind, cells: readonly CellPlace[]): string {
  const { encode } = dialect.codec
  const places = cells.map(({ name, interval, bucket, resolutionBucket }) => ({
    name: encode(name),
    interval: encode(interval),
    bucket,
    resolutionBucket,
  }))
  return `${dialect.amongPlaces(places, bind)} and ${dialect.named(generation)}`
}

/** Identifies a cell among those of a batch. */
export function placeKey({ name, interval, bucket, resolutionBucket }: CellPlace): string {
  return `${bucket} ${resolutionBucket} ${interval.length} ${interval} ${name}`
}

/** The columns that `placeIn` reads. */
export function placeColumns(dialect: Pick<Dialect, 'quote'>): string {
  return `name, ${dialect.quote('interval')}, i_time, r_time`
}

/** The place of a row. */
export function placeIn(row: Row, { codec, decodeText }: Pick<Dialect, 'codec' | 'decodeText'>): CellPlace {
  return {
    name: codec.decode(decodeText(row.name)),
    interval: codec.decode(decodeText(row.interval)),
    bucket: toNumber(row.i_time),
    resolutionBucket: toNumber(row.r_time),
  }
}
