import type { WriteResult } from '../../api/writes.ts'
import type { CellValue } from '../../contract/cells.ts'
import { countCells } from '../../diagnostics/call-messages.ts'
import { hashText } from '../../toolkit/hash-text.ts'
import { sumIn, type TypeRules } from '../../types/rules.ts'
import type { Context } from '../context.ts'
import { MOST_CELLS, MOST_VALUES } from './batches.ts'
import { commitNow } from './commit.ts'
import { Lane } from './lane.ts'
import type { Merger, PendingCell } from './merge.ts'
import type { WritePlan } from './write-plan.ts'

/** A batch would need a million of these to overflow a sum: larger changes are left to the store, each by itself. */
const LARGE = 2 ** 940

/** Writes the merged cells and adds to `tally`. */
export function commitMerged(
  context: Context,
  plan: WritePlan,
  merger: Merger,
  now: number,
  tally: WriteResult,
): Promise<WriteResult> {
  const cells = merger.take()
  tally.expired += merger.expired
  return commit(context, plan, cells, now, tally)
}

/**
 * The first use of the store in a write: all input has been checked. Adds to `tally.stored`, and resolves to the tally. While a batch is on its way,
 * what may share the next one waits for it, and what may not waits for its turn where the order can be seen.
 */
export function commit(
  context: Context,
  plan: WritePlan,
  cells: readonly PendingCell[],
  now: number,
  tally: WriteResult,
): Promise<WriteResult> {
  const isOver = cells.length === 0 || plan.signal?.aborted
  if (!isOver) countCells(plan.messages, cells.length)
  const { ordered } = context.settings.rules
  const waits = (plan.shares || ordered) && !isOver
  if (context.failed !== undefined || !waits) return commitNow(context, plan, cells, now, tally)
  const group = groupOf(context)
  if (plan.callOptions.driverOptions !== undefined) {
    // Never waits: its pipeline or transaction may be waiting for this very call.
    group.sendWaiting()
    return commitNow(context, plan, cells, now, tally)
  }
  const values = valuesOf(context, cells)
  const alone = !plan.shares || cells.length > MOST_CELLS || values > MOST_VALUES
  if (alone && !ordered) return commitNow(context, plan, cells, now, tally)
  // The cells of an insert have one name.
  const lane = group.laneOf(cells[0]!.name)
  const turn = lane.begin(alone)
  if (turn === undefined) return lane.wait({ plan, cells, values, now, tally }, alone)
  return commitNow(context, plan, cells, now, tally, turn)
}

/** How many values the cells hold; too many if one of them must not be added to others. */
function valuesOf({ settings }: Context, cells: readonly PendingCell[]): number {
  const { rules } = settings
  let values = 0
  for (const { change } of cells) {
    if (isLarge(rules, change)) return Number.POSITIVE_INFINITY
    values += rules.size(change)
  }
  return values
}

/** Of gauges, one takes the place of another. */
function isLarge(rules: TypeRules, change: CellValue): boolean {
  if (rules.ordered && rules.sumOf === undefined) return false
  return Math.abs(sumIn(rules, change) ?? 0) >= LARGE
}

function groupOf(context: Context): GroupCommit {
  context.group ??= new GroupCommit(context)
  // Set only here.
  return context.group as GroupCommit
}

/** From how many cells of a shared batch on names are divided between the lanes, and below how many they share the first one again. */
const MANY = 64
const FEW = 16

/** The lanes in which the writes of one timeseries are sent: more than one only where the order of names cannot be seen. */
class GroupCommit {
  readonly #lanes: readonly Lane[]
  #isDivided = false

  constructor(context: Context) {
    const { rules } = context.settings
    const { sharedBatches = 1 } = context.driver.capabilities
    // Where many calls share each cell, the work is in the calls, of which a batch should have as many as it can.
    const sent = (cells: number, calls: number): void => {
      if (cells >= MANY && cells >= calls) this.#isDivided = true
      else if (cells < FEW || cells < calls / 2) this.#isDivided = false
    }
    this.#lanes = Array.from({ length: rules.ordered ? 1 : sharedBatches }, () => new Lane(context, sent))
  }

  laneOf(name: string): Lane {
    const lanes = this.#lanes
    return this.#isDivided && lanes.length > 1 ? lanes[hashText(name) % lanes.length]! : lanes[0]!
  }

  /** Sends everything now, in its order, without waiting for what is on its way. */
  sendWaiting(): void {
    for (const lane of this.#lanes) lane.sendWaiting()
  }
}
