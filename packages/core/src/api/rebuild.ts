import type { Timestamp } from '../time/timestamp.ts'
import type { CallOptions } from './call-options.ts'
import type { Names, TimeseriesShape } from './shape.ts'

/** What an interval is rebuilt from, and how much of it. */
export type RebuildOptions<S extends TimeseriesShape> = {
  /** A finer interval: each of its buckets, or resolution buckets, lies in one of those that are rebuilt. */
  readonly from: S['coarse'] | S['fine']
  /** Default: all. */
  readonly names?: Names<S['labels']> | undefined
  /** Only names that begin with it. */
  readonly prefix?: string | undefined
  /** From the bucket that holds it; default: the first. */
  readonly start?: Timestamp | undefined
  /** To the bucket that holds it; default: the last that has ended. */
  readonly end?: Timestamp | undefined
  /** Also the buckets that have not ended. Only while nothing writes: what is written meanwhile may be missing from them, or be counted twice. */
  readonly current?: boolean | undefined
  /** Called after each batch. */
  readonly onProgress?: ((progress: RebuildProgress) => void) | undefined
} & CallOptions

/** How far `rebuild` has come. */
export interface RebuildProgress {
  /** The name that it is at; names come in the order of their code points. */
  readonly name: string
  /** Cells written so far. */
  readonly stored: number
}

/** What `rebuild` has done. */
export interface RebuildResult {
  /** Cells that were set to what the source holds, or deleted because it holds nothing there. */
  readonly stored: number
  /** Buckets of names that were left as they are because the source began in the middle of them. */
  readonly incomplete: number
  /** Starts of the first and the last bucket that was rebuilt, in Unix seconds; absent: none was. */
  readonly first?: number
  readonly last?: number
}
