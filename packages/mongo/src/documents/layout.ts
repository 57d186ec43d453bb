import type { CellReplacement, CellValue, StoredCell, WriteBatch, WriteReceipt } from '@kairos/core/driver'
import type { MongoDocument } from '../connection/client.ts'
import type { Requests } from '../connection/requests.ts'
import type { CellKey } from './cell-key.ts'
import type { OpenInterval } from './intervals.ts'
import type { Channel } from './send-updates.ts'

/** The key of a document, and the fields of the one unique index; `s` is 0 if a cell has only one document. */
export const UNIQUE_KEY = { name: 1, interval: 1, i: 1, r: 1, s: 1 } as const

/** The intervals of a schema by name. */
export type OpenIntervals = ReadonlyMap<string, OpenInterval>

/** Matches all names. A filter without the index's first field would make MongoDB scan every document. */
export const ANY_NAME = { $gte: '' } as const

/** A condition that documents count for cells; none, where all do. */
export type HeadsOnly = { readonly s?: 0 }

/** The document of a cell that is written to. */
export type Head = MongoDocument & CellKey

/** How cells with a head are read. */
export interface Heads {
  /**
   * The documents of a cell as rows that add up to it; without a head, none. Null: they were read while values were moved between them, and have to be read
   * again.
   */
  assemble(documents: readonly MongoDocument[]): readonly MongoDocument[] | null
  /**
   * Calls back with the rows of each cell that has chunks.
   * @param heads as they were just read, by the text of their key
   */
  eachCrowded(
    requests: Requests,
    heads: ReadonlyMap<string, Head>,
    take: (rows: readonly MongoDocument[]) => void,
  ): Promise<void>
}

/** How the cells of one type are laid out in documents. */
export interface Layout {
  /** The fields that are read besides name, i and r. */
  readonly fields: readonly string[]
  /** A cell may have several documents, so a fetched cell is a list of them. */
  readonly manyRows: boolean
  /**
   * Present if a cell has a head, the document with `s` = 0, without which its others count for nothing. Where it has no field `chunks`, there are no
   * others.
   */
  readonly heads?: Heads
  /** Present if the order of a cell's documents matters: the number they are ordered by. */
  readonly orderOf?: (document: MongoDocument) => number
  // biome-ignore lint/suspicious/noConfusingVoidType: only counts have something to say
  write(channel: Channel, batch: WriteBatch): Promise<WriteReceipt | void>
  /** Makes each cell hold exactly its value, or none. May be called again, whatever a call that failed has left. */
  replace(channel: Channel, cells: readonly CellReplacement[]): Promise<void>
  /** Calls back with each cell, or part of a cell, of a document. */
  read(document: MongoDocument, interval: OpenInterval, take: (cell: StoredCell) => void): void
  /** Calls back with the document as `processRow` receives it, once for each of its cells. */
  rows(document: MongoDocument, interval: OpenInterval, take: (row: Row) => void): void
  /** The value of a row, or of a part. */
  decode(row: MongoDocument): CellValue
  /** Forgets what is known about documents that may be gone. */
  forget(): void
}

/** A cell of a document that the caller fetched. */
export interface Row {
  readonly name: string
  readonly bucket: number
  readonly resolutionBucket: number
  readonly row: MongoDocument
}
