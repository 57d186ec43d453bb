import type { CellToWrite } from '@kairos/core'

/** A cell as the target should have it, and the cursor of the last cell of the source that is in it. */
export type CarriedCell = Pick<CellToWrite, 'name' | 'interval'> & {
  readonly start: number
  readonly resolutionStart?: number
  readonly value: NonNullable<CellToWrite['value']>
  readonly cursor: string
}
