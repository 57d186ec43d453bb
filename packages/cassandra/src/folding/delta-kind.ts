import type { CellValue } from '@kairos/core/driver'
import type { Delta, Piece } from './deltas.ts'

/** How the cells of a type are kept as deltas, and added up. */
export interface DeltaKind {
  /** The CQL type of the column `b`. */
  readonly base: 'double' | 'blob'
  /** Splits a change that may be too large for one delta. Absent: none is. */
  partsOf?(change: CellValue): readonly CellValue[]
  /** A change as it is in a delta. */
  encode(change: CellValue): Buffer
  /** What `b` is to hold after these deltas were added; undefined: the row is damaged. */
  fold(base: unknown, deltas: readonly Delta[]): Buffer | undefined
  /** The pieces of a cell, joined; undefined: one is damaged, or there is none. Absent: they are numbers, which are added as they are read. */
  join?(pieces: readonly Piece[]): Joined | undefined
}

/** What the pieces of a cell come to. */
export interface Joined {
  readonly value: CellValue
  /** The same as one piece: what `b` holds. */
  base(): Buffer
}

/** Pieces that come to a value which `b` holds as a delta would. */
export function joinedAs(value: CellValue, encode: DeltaKind['encode']): Joined {
  return { value, base: () => encode(value) }
}

/** A kind whose cells are joined from pieces of bytes. */
export function pieceKind(
  kind: Pick<DeltaKind, 'partsOf' | 'encode'> & { join(pieces: readonly Piece[]): Joined | undefined },
): DeltaKind {
  return {
    ...kind,
    base: 'blob',
    fold(base, deltas) {
      const before = Buffer.isBuffer(base) ? [{ timestamp: 0, change: base }] : []
      return kind.join([...before, ...deltas])?.base()
    },
  }
}
