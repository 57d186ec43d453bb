import type { CellPosition, CellValue, CellWrite, Scalar } from '@kairos/core/driver'
import type { MongoDocument, MongoModule } from './client.ts'
import { BUCKETS_A_DOCUMENT, type OpenInterval } from './intervals.ts'
import type { Layout, OpenIntervals } from './layout.ts'
import { type Piece, writePieces } from './pieces.ts'
import { type ScalarCodec, sizeOf } from './scalars.ts'

/** `b.0` to `b.59`: made once, since every cell of every write names one. */
const FIELDS = Array.from({ length: BUCKETS_A_DOCUMENT }, (_, offset) => `b.${offset}`)

/** Of a key, an update's operators and `expireAt`. */
const DOCUMENT_WEIGHT = 150
const FIELD_WEIGHT = 16

/**
 * Counts and gauges: the cells of 60 buckets side by side in one document, `b: { '17': value }` by their offset.
 * A count is always a double, which is exact to 2^53: integers of two widths would make the field's type depend on its history.
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

  function pieceOf(cells: readonly CellWrite[], interval: OpenInterval): Piece {
    const { name, bucket, resolutionBucket } = cells[0]!
    const { i, r } = interval.placeOf(bucket, resolutionBucket)
    const fields: Record<string, unknown> = {}
    let weight = DOCUMENT_WEIGHT + 3 * name.length
    for (const cell of cells) {
      fields[FIELDS[interval.placeOf(cell.bucket, cell.resolutionBucket).offset]!] = encode(cell.change)
      weight += FIELD_WEIGHT + sizeOf(cell.change as Scalar)
    }
    return {
      filter: { name, interval: interval.key, i, r },
      update: { [operator]: fields, $max: { expireAt: interval.expireAt(i) } },
      upsert: true,
      weight,
      parts: cells.map((cell) => ({ cell, change: cell.change })),
    }
  }

  function* cellsIn(document: MongoDocument, interval: OpenInterval): Generator<[CellPosition, unknown]> {
    const name = document.name as string
    const i = Number(document.i)
    const r = Number(document.r)
    for (const [field, value] of Object.entries(document.b as MongoDocument)) {
      const offset = Number(field)
      const position = {
        name,
        bucket: interval.bucketAt(i, offset),
        resolutionBucket: interval.resolutionBucketAt(i, r, offset),
      }
      yield [position, value]
    }
  }

  return {
    fields: ['b'],
    write: (channel, { cells }) => writePieces(channel, piecesOf(cells, intervals, pieceOf)),
    read(document, interval, take) {
      for (const [position, value] of cellsIn(document, interval)) take({ ...position, value: decode(value) })
    },
    rows(document, interval, take) {
      const { b: _, ...rest } = document
      for (const [position, value] of cellsIn(document, interval)) take({ ...position, row: { ...rest, value } })
    },
    decode: ({ value }) => decode(value),
    forget() {},
  }
}

/** One piece for each document: sorted cells of one document lie side by side. */
function piecesOf(
  cells: readonly CellWrite[],
  intervals: OpenIntervals,
  pieceOf: (cells: readonly CellWrite[], interval: OpenInterval) => Piece,
): Piece[] {
  const pieces: Piece[] = []
  let start = 0
  for (let index = 1; index <= cells.length; index++) {
    const interval = intervals.get(cells[start]!.interval)!
    if (index < cells.length && inOneDocument(cells[start]!, cells[index]!, interval)) continue
    pieces.push(pieceOf(cells.slice(start, index), interval))
    start = index
  }
  return pieces
}

function inOneDocument(a: CellWrite, b: CellWrite, interval: OpenInterval): boolean {
  if (a.name !== b.name || a.interval !== b.interval) return false
  const [one, other] = [interval.placeOf(a.bucket, a.resolutionBucket), interval.placeOf(b.bucket, b.resolutionBucket)]
  return one.i === other.i && one.r === other.r
}
