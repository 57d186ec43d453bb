import type { Script } from './script.ts'

/** What is done to chunks whose cells are neither numbers nor lists of elements. */
export interface ChunkScripts {
  readonly write: Script
  readonly replace: Script
  readonly deleteRange: Script
  readonly read: Script
  /** Reads which fields a chunk has. */
  readonly fields: Script
  /** Reads one field of a chunk. */
  readonly cell: Script
}
