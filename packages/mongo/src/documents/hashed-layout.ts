import { type CellValue, type CellWrite, isRecord, pack, type Scalar } from '@kairos/core/driver'
import type { MongoDocument, MongoModule } from '../connection/client.ts'
import { binCodec } from '../values/bin-codec.ts'
import { Damaged, damagedIn } from '../values/damaged.ts'
import { type ScalarCodec, timesIn } from '../values/scalar-codec.ts'
import { assemble, CELL_FIELDS, eachCrowded, rowsOfCell } from './assemble.ts'
import type { CellKey } from './cell-key.ts'
import { eachOf, isTimeToLook, keyOf, positionOf, textOf } from './chunks.ts'
import type { Layout, OpenIntervals } from './layout.ts'
import { type HashedKind, makeRoom, moveIfCrowded, NO_NUMBERS } from './move-values.ts'
import { type Guard, guarded, lookOnce, mayOverflow, type OverflowLook } from './overflow.ts'
import { replaceHashed } from './replace-hashed.ts'
import { DOCUMENT_WEIGHT, FULL, unitsOf, weightOf } from './spread.ts'
import { type Piece, writePieces } from './write-updates.ts'

/** A change of more bytes is written in parts, so that the head holds several. */
const LARGEST_PART = 4_000_000

/** A value, and how it is stored. */
interface Entry {
  readonly scalar: Scalar
  readonly times: number
  readonly field: string
  readonly units: number
}

/** A cell's change, or a part of one that is very large. */
interface HashedPiece extends Piece {
  readonly key: CellKey
  readonly units: number
}

/**
 * Histograms and sets: a cell's values are fields of one document, its head, `h: { '<value>': times }`. Every change is one update of it, so that readers
 * see all of the change or nothing. When the head is crowded, what it holds is moved into chunks, among which the hash of a value chooses. So a cell
 * grows with the values it holds, not with how often they are written.
 */
export function createHashedLayout(
  type: 'histogram' | 'set',
  codec: ScalarCodec,
  { Double }: Pick<MongoModule, 'Double'>,
  intervals: OpenIntervals,
): Layout {
  const kind: HashedKind = { type, stored: (times) => (type === 'histogram' ? new Double(times) : true) }

  function entryOf(scalar: Scalar, times: number): Entry {
    const field = codec.toField(scalar)
    return { scalar, times, field, units: unitsOf(field) }
  }

  function entriesOf(change: CellValue): Entry[] {
    return type === 'histogram'
      ? Array.from(change as ReadonlyMap<Scalar, number>, ([scalar, times]) => entryOf(scalar, times))
      : Array.from(change as ReadonlySet<Scalar>, (scalar) => entryOf(scalar, 1))
  }

  function changeOf(entries: readonly Entry[]): CellValue {
    return type === 'histogram'
      ? new Map(entries.map(({ scalar, times }) => [scalar, times]))
      : new Set(entries.map(({ scalar }) => scalar))
  }

  function pieceOf(
    cell: CellWrite,
    key: CellKey,
    entries: readonly Entry[],
    overflows: OverflowLook | undefined,
  ): HashedPiece {
    const head = { ...key, s: 0 }
    const units = entries.reduce((sum, entry) => sum + entry.units, 0)
    const n = { n: units }
    const $max = { expireAt: intervals.get(cell.interval)!.expireAt(key.i) }
    const common = {
      upsert: true,
      weight: DOCUMENT_WEIGHT + entries.reduce((sum, entry) => sum + weightOf(entry.units), 0),
      parts: () => [{ cell, change: changeOf(entries) }],
      key,
      units,
    }
    if (entries.length > FULL && overflows === undefined) {
      // As a whole: a server looks up each field of an update by reading all that are there.
      const change = Object.fromEntries(entries.map(({ field, times }) => [field, kind.stored(times)]))
      return { ...common, filter: head, update: { $push: { l: change }, $inc: n, $max } }
    }
    const fields = Object.fromEntries(entries.map(({ field, times }) => [`h.${field}`, kind.stored(times)]))
    return {
      ...common,
      filter: head,
      update: { ...(type === 'histogram' ? { $inc: { ...fields, ...n } } : { $set: fields, $inc: n }), $max },
      ...(overflows && { overflow: { filter: guarded(head, guardOf(entries)), overflows } }),
    }
  }

  function piecesOf(cell: CellWrite): HashedPiece[] {
    const entries = entriesOf(cell.change)
    const key = keyOf(cell, intervals.get(cell.interval)!)
    const guard = type === 'histogram' ? guardOf(entries) : new Map<string, number>()
    // One check for the whole cell, which is refused as a whole.
    const overflows = guard.size > 0 ? lookOnce((requests, take) => rowsOfCell(requests, key, take), guard) : undefined
    return Array.from(pack(entries, PARTS), (part) => pieceOf(cell, key, part, overflows))
  }

  function valueIn({ h }: MongoDocument): CellValue {
    if (!isRecord(h)) throw new Damaged('h', 'an object', h)
    const fields = Object.entries(h)
    const value =
      type === 'histogram'
        ? new Map(fields.map(([field, times]) => [codec.fromField(field), timesIn(times)]))
        : new Set(fields.map(([field, member]) => codec.fromField(memberAt(field, member))))
    // Two fields of one value, such as 1 and 01.
    if (value.size < fields.length) throw new Damaged('h', 'an object with one field for each value', h)
    return value
  }

  return {
    fields: CELL_FIELDS,
    manyRows: true,
    heads: { assemble, eachCrowded },
    write: (channel, { cells }) =>
      writePieces(channel, cells.flatMap(piecesOf), {
        async after(applied) {
          const looked = applied.filter(({ units }) => isTimeToLook(units, FULL))
          await eachOf(channel, byCell(looked), (own) =>
            moveIfCrowded(channel, own[0]!.key, kind, Math.max(...own.map(({ units }) => units))),
          )
        },
        async makeRoom(tooLarge) {
          await eachOf(channel, byCell(tooLarge), (own) => makeRoom(channel, own[0]!.key, kind))
          return tooLarge
        },
        // The head is never closed, so that only damage keeps a server from adding to it.
        async relocate([piece]) {
          throw damagedIn({ ...piece!.key }, NO_NUMBERS)
        },
      }),
    replace: (channel, cells) =>
      replaceHashed(
        channel,
        cells,
        intervals,
        kind,
        (value) => new Map(entriesOf(value).map(({ field, times }) => [field, times])),
      ),
    read(document, interval, take) {
      take({ ...positionOf(document, interval), value: valueIn(document) })
    },
    rows(document, interval, take) {
      take({ ...positionOf(document, interval), row: document })
    },
    decode: valueIn,
    forget() {},
  }
}

/** Distributions: histograms of bins. */
export function createBinnedLayout(
  module: Pick<MongoModule, 'Double' | 'Decimal128'>,
  intervals: OpenIntervals,
): Layout {
  return createHashedLayout('histogram', binCodec(module), module, intervals)
}

const PARTS = {
  weightOf: ({ units }: Entry): number => weightOf(units),
  maxWeight: LARGEST_PART,
  maxItems: Number.POSITIVE_INFINITY,
}

function byCell(pieces: readonly HashedPiece[]): HashedPiece[][] {
  return [...Map.groupBy(pieces, ({ key }) => textOf(key)).values()]
}

/** The field of a member of a set. */
function memberAt(field: string, value: unknown): string {
  if (value !== true) throw new Damaged('the value of a member', 'true', value)
  return field
}

function guardOf(entries: readonly Entry[]): Guard {
  return new Map(entries.filter(({ times }) => mayOverflow(times)).map(({ field, times }) => [`h.${field}`, times]))
}
