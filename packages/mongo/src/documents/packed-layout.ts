import { type CellReplacement, type CellWrite, failedWrite, isRecord } from '@kairos/core/driver'
import type { MongoDocument, MongoModule } from '../connection/client.ts'
import { Damaged } from '../values/damaged.ts'
import type { ScalarCodec } from '../values/scalar-codec.ts'
import type { CellKey } from './cell-key.ts'
import { eachOf, keyOf, textOf } from './chunks.ts'
import { BUCKETS_A_DOCUMENT, type OpenInterval } from './intervals.ts'
import type { Layout, OpenIntervals } from './layout.ts'
import { nameFilter, nameParts } from './name-parts.ts'
import { type CellRows, guarded, lookOnce } from './overflow.ts'
import { type PackedType, packedKind } from './packed-kinds.ts'
import { removeOffsets } from './remove-offsets.ts'
import { type ChunkUpdate, sendAll } from './send-updates.ts'
import { type Piece, writePieces } from './write-updates.ts'

/** `b.0` to `b.59`: made once, since every cell of every write uses one. */
const FIELDS = Array.from({ length: BUCKETS_A_DOCUMENT }, (_, offset) => `b.${offset}`)

const OFFSETS = new Map(FIELDS.map((field, offset) => [field.slice('b.'.length), offset]))

/**
 * The offset of a field of `b`.
 * @throws Damaged
 */
export function offsetIn(field: string): number {
  const offset = OFFSETS.get(field)
  if (offset === undefined) throw new Damaged('a field of b', `an offset from 0 to ${BUCKETS_A_DOCUMENT - 1}`, field)
  return offset
}

const NO_COUNT = 'a count is damaged, or something else wrote it: after the write it must be a finite number'

/** A key, the operators of an update and `expireAt`. */
const DOCUMENT_WEIGHT = 150

/** Counts, gauges and summaries: the cells of 60 buckets in one document, by their offset: `b: { '17': value }`. */
export function createPackedLayout(
  type: PackedType,
  codec: ScalarCodec,
  module: Pick<MongoModule, 'Double'>,
  intervals: OpenIntervals,
): Layout {
  const { encode, decode, changed, update, guard: guardOf, weight: weightOf } = packedKind(type, codec, module)

  /** One piece for each document, whose cells follow each other in a sorted batch. */
  function piecesOf(cells: readonly CellWrite[]): Piece[] {
    const pieces: Piece[] = []
    let start = 0
    while (start < cells.length) {
      const { name, interval: intervalName, bucket, resolutionBucket } = cells[start]!
      const interval = intervals.get(intervalName)!
      const { i, r, offset } = interval.placeOf(bucket, resolutionBucket)
      const field = FIELDS[offset]!
      const fields: Record<string, unknown> = { [field]: changed(cells[start]!.change, field) }
      let weight = DOCUMENT_WEIGHT + 3 * name.length + weightOf(cells[start]!.change)
      let end = start + 1
      // A cell with a guard is written alone, since it may be refused.
      const guard = guardOf(cells[start]!.change, field)
      for (; guard === undefined && end < cells.length; end++) {
        const cell = cells[end]!
        if (cell.name !== name || cell.interval !== intervalName) break
        const place = interval.placeOf(cell.bucket, cell.resolutionBucket)
        if (place.i !== i || place.r !== r) break
        const next = FIELDS[place.offset]!
        if (guardOf(cell.change, next) !== undefined) break
        fields[next] = changed(cell.change, next)
        weight += weightOf(cell.change)
      }
      const own = cells.slice(start, end)
      // All fields of the unique index, so that finding the document is one lookup, and MongoDB itself retries an upsert that lost a race.
      const filter = { name, interval: interval.key, i, r, s: 0 }
      pieces.push({
        filter,
        update: update(fields, interval.expireAt(i)),
        upsert: true,
        ...(guard && { overflow: { filter: guarded(filter, guard), overflows: lookOnce(documentsOf(filter), guard) } }),
        weight,
        parts: () => own.map((cell) => ({ cell, change: cell.change })),
      })
      start = end
    }
    return pieces
  }

  /** The same piece, which says what its counts are afterwards. */
  function returningPiece(piece: Piece, counts: Map<CellWrite, number>): Piece {
    const placed = piece.parts().map(({ cell }) => ({ cell, offset: offsetOf(cell) }))
    const projection = { _id: 0, ...Object.fromEntries(placed.map(({ offset }) => [FIELDS[offset]!, 1])) }
    const interval = intervals.get(placed[0]!.cell.interval)!
    const key = keyOf(placed[0]!.cell, interval)
    const b = Object.fromEntries(placed.map(({ cell, offset }) => [offset, encode(cell.change)]))
    return {
      ...piece,
      returned: {
        projection,
        inserted: { ...key, s: 0, b, expireAt: interval.expireAt(key.i) },
        take({ b }) {
          for (const { cell, offset } of placed) counts.set(cell, Number((b as MongoDocument)[offset]))
        },
      },
    }
  }

  function offsetOf({ interval, bucket, resolutionBucket }: CellWrite | CellReplacement): number {
    return intervals.get(interval)!.placeOf(bucket, resolutionBucket).offset
  }

  /** Identifies the document of a cell. */
  function textAt(cell: CellReplacement): string {
    return textOf(keyOf(cell, intervals.get(cell.interval)!))
  }

  /** Sets cells of one document. */
  function setting(cells: readonly CellReplacement[]): ChunkUpdate {
    const interval = intervals.get(cells[0]!.interval)!
    const key = keyOf(cells[0]!, interval)
    const fields: Record<string, unknown> = {}
    let weight = DOCUMENT_WEIGHT + 3 * key.name.length
    for (const cell of cells) {
      fields[FIELDS[offsetOf(cell)]!] = encode(cell.value!)
      weight += weightOf(cell.value!)
    }
    const update = { $set: fields, $max: { expireAt: interval.expireAt(key.i) } }
    return { filter: { ...key, s: 0 }, update, upsert: true, weight }
  }

  /** Cells of one document that are to be removed, and a text that is the same for other names. */
  function removal(cells: readonly CellReplacement[]): { key: CellKey; offsets: ReadonlySet<number>; where: string } {
    const key = keyOf(cells[0]!, intervals.get(cells[0]!.interval)!)
    const offsets = new Set(cells.map(offsetOf))
    return { key, offsets, where: `${key.i} ${key.r} ${[...offsets]} ${key.interval}` }
  }

  function eachCell(
    { name, i, r, b }: MongoDocument,
    interval: OpenInterval,
    take: (name: string, bucket: number, resolutionBucket: number, value: unknown) => void,
  ): void {
    if (!isRecord(b)) throw new Damaged('b', 'an object', b)
    for (const field in b) {
      const offset = offsetIn(field)
      const resolutionBucket = interval.resolutionBucketAt(Number(i), Number(r), offset)
      take(name as string, interval.bucketAt(Number(i), offset), resolutionBucket, b[field])
    }
  }

  return {
    fields: ['b'],
    manyRows: false,
    async write(channel, { cells, returning }) {
      const pieces = piecesOf(cells)
      if (!returning) return writePieces(channel, pieces)
      const counts = new Map<CellWrite, number>()
      const returned = pieces.map((piece) => returningPiece(piece, counts))
      await writePieces(channel, returned)
      const damaged = cells.filter((cell) => !Number.isFinite(counts.get(cell)))
      if (damaged.length > 0) throw failedWrite(NO_COUNT, { retry: 'never', maybeApplied: damaged })
      return { counts: cells.map((cell) => counts.get(cell)!) }
    },
    async replace(channel, cells) {
      const kept = cells.filter(({ value }) => value !== null)
      const removed = cells.filter(({ value }) => value === null)
      await sendAll(channel, Array.from(Map.groupBy(kept, textAt).values(), setting))
      const documents = Array.from(Map.groupBy(removed, textAt).values(), removal)
      // Those of many names, often at the same places, take no longer than those of one.
      const alike = [...Map.groupBy(documents, ({ where }) => where).values()]
      await eachOf(channel, alike, async (some) => {
        const { interval, i, r } = some[0]!.key
        for (const names of nameParts(some.map(({ key }) => key.name)))
          await removeOffsets(channel.requests, { name: nameFilter(names), interval, i, r }, some[0]!.offsets)
      })
    },
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

function documentsOf(filter: object): CellRows {
  return (requests, take) => requests.find(filter, { readPreference: 'primary' }, take)
}
