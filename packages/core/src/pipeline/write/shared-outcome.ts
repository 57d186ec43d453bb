import type { CellWrite } from '../../contract/cells.ts'
import type { TypeRules } from '../../types/rules.ts'
import type { PendingCell } from './merge.ts'
import type { SharedCell } from './shared-cells.ts'
import { keyOf, type Outcome } from './undecided.ts'

/** What became of a cell that is not known to be stored. */
interface Fate {
  readonly notApplied: CellWrite[]
  readonly maybeApplied: CellWrite[]
}

/** What a call learns about its own cells. */
interface Share {
  readonly notApplied: readonly CellWrite[]
  readonly maybeApplied: readonly CellWrite[]
  /** (value, bucket) pairs that are known to be stored. */
  readonly stored: number
}

/**
 * Divides the outcome of a batch among its calls. Of a cell that several calls share, a part that failed may be any call's, so that the cell is in
 * doubt for each of them; one that failed whole was applied for none.
 */
export function sharesOf(
  rules: TypeRules,
  batch: readonly SharedCell[],
  outcome: Outcome,
): (cells: readonly PendingCell[]) => Share {
  const fates = fatesOf(outcome)
  const whole = new Map(batch.map((cell) => [keyOf(cell), cell]))
  return (cells) => {
    const share = { notApplied: [] as CellWrite[], maybeApplied: [] as CellWrite[], stored: 0 }
    for (const cell of cells) {
      const key = keyOf(cell)
      const fate = fates.get(key)
      const shared = whole.get(key)!
      if (fate === undefined) share.stored += cell.pairs
      else if (shared.calls > 1) {
        const untouched = fate.maybeApplied.length === 0 && isWhole(rules, shared, fate.notApplied)
        ;(untouched ? share.notApplied : share.maybeApplied).push(cell)
      } else {
        share.notApplied.push(...fate.notApplied)
        share.maybeApplied.push(...fate.maybeApplied)
        const parts = [...fate.notApplied, ...fate.maybeApplied]
        if (rules.many && !parts.includes(shared)) share.stored += Math.max(0, cell.pairs - weightOf(rules, parts))
      }
    }
    return share
  }
}

function fatesOf({ notApplied, maybeApplied }: Outcome): Map<string, Fate> {
  const fates = new Map<string, Fate>()
  const fateOf = (cell: CellWrite): Fate => {
    const key = keyOf(cell)
    let fate = fates.get(key)
    if (fate === undefined) {
      fate = { notApplied: [], maybeApplied: [] }
      fates.set(key, fate)
    }
    return fate
  }
  for (const cell of new Set(notApplied)) fateOf(cell).notApplied.push(cell)
  for (const cell of new Set(maybeApplied)) fateOf(cell).maybeApplied.push(cell)
  return fates
}

/** A driver lists the cell itself, or copies with its parts. */
function isWhole(rules: TypeRules, cell: SharedCell, parts: readonly CellWrite[]): boolean {
  return parts.includes(cell) || weightOf(rules, parts) >= rules.weight(cell.change)
}

function weightOf(rules: TypeRules, parts: readonly CellWrite[]): number {
  return parts.reduce((sum, { change }) => sum + rules.weight(change), 0)
}
