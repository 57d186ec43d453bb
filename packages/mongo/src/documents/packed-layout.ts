import type { CellValue, CellWrite, Scalar } from '@kairos/core/driver'
import type { MongoDocument, MongoModule } from '../connection/client.ts'
import { type ScalarCodec, sizeOf } from '../values/scalar-codec.ts'
import { BUCKETS_A_DOCUMENT, type OpenInterval } from './intervals.ts'
import type { Layout, OpenIntervals } from './layout.ts'
import { type Guard, guarded, lookOnce, mayOverflow } from './overflow.ts'
import { type Piece, writePieces } from './write-updates.ts'

/** `b.0` to `b.59`: made once, since every cell of every write uses one. */
const FIELDS = Array.from({ length: BUCKETS_A_DOCUMENT }, (_, offset) => `b.${offset}`)

/** A key, the operators of an update and `expireAt`. */
const DOCUMENT_WEIGHT = 150
const FIELD_WEIGHT = 16

/**
 * Counts and gauges: the cells of 60 buckets in one document, by their offset: `b: { '17': value }`.
 * A count is always a double, which is exact to 2^53: with integers of two widths, the field's type would depend on its history.
 */
export function createPackedLayout(
  type: 'count' | 'gauge',
  codec: ScalarCodec,
  { Double }: Pick<MongoModule, 'Double'>,
  intervals: OpenIntervals,
): Layout {
  const operator = type === 'count' ? '$inc' : '$set'
  const encode: (change: CellValue) => unknown =
    type === 'count' ? (change) => new Double(change as number) : (change) => codec.toValue(change as Scalar)
  const decode: (value: unknown) => Scalar = type === 'count' ? Number : codec.fromValue

  const mayOverflowIn = ({ change }: CellWrite): boolean => type === 'count' && mayOverflow(change as number)

  /** A cell with a guard is written alone, since it may be refused. */
  function guardOf(cell: CellWrite, offset: number): Guard | undefined {
    return mayOverflowIn(cell) ? new Map([[FIELDS[offset]!, cell.change as number]]) : undefined
  }

  /** One piece for each document, whose cells follow each other in a sorted batch. */
  function piecesOf(cells: readonly CellWrite[]): Piece[] {
    const pieces: Piece[] = []
    let start = 0
    while (start < cells.length) {
      const { name, interval: intervalName, bucket, resolutionBucket } = cells[start]!
      const interval = intervals.get(intervalName)!
      const { i, r, offset } = interval.placeOf(bucket, resolutionBucket)
      const fields: Record<string, unknown> = { [FIELDS[offset]!]: encode(cells[start]!.change) }
      let weight = DOCUMENT_WEIGHT + 3 * name.length + weightOf(cells[start]!)
      let end = start + 1
      const guard = guardOf(cells[start]!, offset)
      for (; guard === undefined && end < cells.length; end++) {
        const cell = cells[end]!
        if (mayOverflowIn(cell) || cell.name !== name || cell.interval !== intervalName) break
        const place = interval.placeOf(cell.bucket, cell.resolutionBucket)
        if (place.i !== i || place.r !== r) break
        fields[FIELDS[place.offset]!] = encode(cell.change)
        weight += weightOf(cell)
      }
      const own = cells.slice(start, end)
      // All fields of the unique index, so that finding the document is one lookup, and MongoDB itself retries an upsert that lost a race.
      const filter = { name, interval: interval.key, i, r, s: 0 }
      pieces.push({
        filter,
        update: { [operator]: fields, $max: { expireAt: interval.expireAt(i) } },
        upsert: true,
        ...(guard && { overflow: { filter: guarded(filter, guard), overflows: lookOnce(filter, guard) } }),
        weight,
        parts: () => own.map((cell) => ({ cell, change: cell.change })),
      })
      start = end
    }
    return pieces
  }

  function eachCell(
    { name, i, r, b }: MongoDocument,
    interval: OpenInterval,
    take: (name: string, bucket: number, resolutionBucket: number, value: unknown) => void,
  ): void {
    const buckets = b as MongoDocument
    for (const field in buckets) {
      const offset = Number(field)
      const resolutionBucket = interval.resolutionBucketAt(Number(i), Number(r), offset)
      take(name as string, interval.bucketAt(Number(i), offset), resolutionBucket, buckets[field])
    }
  }

  return {
    fields: ['b'],
    manyRows: false,
    write: (channel, { cells }) => writePieces(channel, piecesOf(cells)),
    read: (document, interval, take) =>
      eachCell(document, interval, (name, bucket, resolutionBucket, value) =>
        take({ name, bucket, resolutionBucket, value: decode(value) }),
      ),
    rows(document, interval, take) {
      const { b: _, ...rest } = document
      eachCell(document, interval, (name, bucket, resolutionBucket, value) =>
        take({ name, bucket, resolutionBucket, row: { ...rest, value } }),
      )
    },
    decode: ({ value }) => decode(value),
    forget() {},
  }
}

function weightOf({ change }: CellWrite): number {
  return typeof change === 'number' ? FIELD_WEIGHT : FIELD_WEIGHT + sizeOf(change as Scalar)
}
