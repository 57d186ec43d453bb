import { type CellWrite, type MergeRegisters, registerMerger, sameValue } from '@kairos/core/driver'
import type { MongoDocument } from '../connection/client.ts'
import { decoding } from '../values/damaged.ts'
import { registersIn } from '../values/registers.ts'
import type { CellKey } from './cell-key.ts'
import { documentsOf, keyOf, positionOf, textOf } from './chunks.ts'
import type { Layout, OpenIntervals } from './layout.ts'
import { replaceChunks } from './replace-chunks.ts'
import type { Channel } from './send-updates.ts'
import { type Piece, unsentOnFailure, writePieces } from './write-updates.ts'

/** A key, the operators of an update and `expireAt`. */
const DOCUMENT_WEIGHT = 200

/** An update of a cell. */
interface UniquePiece extends Piece {
  readonly cell: CellWrite
}

/**
 * Uniques: the registers of a cell in a document, `u: <binary>`. They are read, merged here, and set only where they still are what was read; a write that
 * came too late begins again. Whatever has become of a document meanwhile, no register of it is lost, and none of a deleted one comes back.
 */
export function createUniqueLayout(intervals: OpenIntervals): Layout {
  function pieceOf(
    cell: CellWrite,
    place: CellKey,
    document: MongoDocument | undefined,
    merge: MergeRegisters,
  ): UniquePiece {
    const key = { ...place, s: 0 }
    const change = cell.change as Uint8Array
    const common = { cell, parts: () => [{ cell, change }], weight: DOCUMENT_WEIGHT + 3 * key.name.length }
    const $max = { expireAt: intervals.get(cell.interval)!.expireAt(key.i) }
    const inserting = { filter: key, update: { $setOnInsert: { u: change }, $max }, upsert: true }
    if (document === undefined)
      return { ...common, ...inserting, repeatable: true, weight: common.weight + change.length }
    const value = decoding({ ...document, ...key }, () => registersIn(document))
    const merged = merge(value, change)
    // Sent all the same: the document may be gone by now, and its acknowledgement must be as good as that of a change.
    if (sameValue(value, merged)) return { ...common, ...inserting }
    return {
      ...common,
      filter: { ...key, _id: document._id, u: value },
      update: { $set: { u: merged }, $max },
      upsert: false,
      repeatable: true,
      weight: common.weight + value.length + merged.length,
    }
  }

  async function piecesOf(channel: Channel, cells: readonly CellWrite[]): Promise<UniquePiece[]> {
    const merge = await registerMerger()
    const keys = cells.map((cell) => keyOf(cell, intervals.get(cell.interval)!))
    const documents = await documentsOf(channel.requests, keys, ['u'])
    return cells.map((cell, index) => {
      const key = keys[index]!
      return pieceOf(cell, key, documents.get(textOf(key))![0], merge)
    })
  }

  return {
    fields: ['u'],
    manyRows: false,
    async write(channel, { cells }) {
      const pieces = await unsentOnFailure(channel, cells, () => piecesOf(channel, cells))
      const again = (own: readonly UniquePiece[]): Promise<UniquePiece[]> => {
        return piecesOf(
          channel,
          own.map(({ cell }) => cell),
        )
      }
      await writePieces(channel, pieces, { async after() {}, makeRoom: again, relocate: again })
    },
    replace: (channel, cells) =>
      replaceChunks(channel, cells, intervals, (value) => {
        const u = value as Uint8Array
        return [{ s: 0, fields: { u }, weight: DOCUMENT_WEIGHT + u.length }]
      }),
    read(document, interval, take) {
      take({ ...positionOf(document, interval), value: registersIn(document) })
    },
    rows(document, interval, take) {
      take({ ...positionOf(document, interval), row: document })
    },
    decode: registersIn,
    forget() {},
  }
}
