import type { CellValue, StoredCell, StoreSchema, WriteBatch } from '@kairos/core/driver'
import type { MongoDocument, MongoModule } from '../connection/client.ts'
import type { ScalarCodec } from '../values/codecs.ts'
import { createHashedLayout } from './hashed-layout.ts'
import type { OpenInterval } from './intervals.ts'
import { createPackedLayout } from './packed-layout.ts'
import type { Channel } from './send-updates.ts'
import { createSeriesLayout } from './series-layout.ts'

/** What identifies a document, beside `s` where a cell may have several; one unique index. */
export const UNIQUE_KEY = { name: 1, interval: 1, i: 1, r: 1, s: 1 } as const

/** The intervals of a schema by name. */
export type OpenIntervals = ReadonlyMap<string, OpenInterval>

/** A filter that leaves out the index's first field makes MongoDB look at every document: this stands for all names. */
export const ANY_NAME = { $gte: '' } as const

/** How the cells of one type stand in documents. */
export interface Layout {
  /** The fields that are read, beside name, i and r. */
  readonly fields: readonly string[]
  /** A cell may have several documents, so that a fetched one is a list. */
  readonly manyRows: boolean
  /** Where the order of a cell's documents counts: they are in the order of these numbers. */
  readonly orderOf?: (document: MongoDocument) => number
  write(channel: Channel, batch: WriteBatch): Promise<void>
  /** Hands over each cell, or part of one, of a document that lies in the range. */
  read(document: MongoDocument, interval: OpenInterval, take: (cell: StoredCell) => void): void
  /** The document as `processRow` is given it, one for each of its cells. */
  rows(document: MongoDocument, interval: OpenInterval, take: (row: Row) => void): void
  /** A row's, or a part's, value. */
  decode(row: MongoDocument): CellValue
  /** Forgets what was learnt of documents that may be gone. */
  forget(): void
}

/** A cell of a document that the caller fetched. */
export interface Row {
  readonly name: string
  readonly bucket: number
  readonly resolutionBucket: number
  readonly row: MongoDocument
}

export function layoutOf(
  type: StoreSchema['type'],
  codec: ScalarCodec,
  module: MongoModule,
  intervals: OpenIntervals,
): Layout {
  switch (type) {
    case 'count':
    case 'gauge':
      return createPackedLayout(type, codec, module, intervals)
    case 'histogram':
    case 'set':
      return createHashedLayout(type, codec, module, intervals)
    case 'series':
      return createSeriesLayout(codec, intervals)
  }
}
