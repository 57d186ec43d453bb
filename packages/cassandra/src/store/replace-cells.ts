import {
  type CellPosition,
  type CellReplacement,
  type CellValue,
  failedWrite,
  mapConcurrently,
  messageOf,
  type ReplaceBatch,
  type ReplaceReceipt,
  sameValue,
  worstRetry,
} from '@kairos/core/driver'
import { retryOf } from '../connection/failures.ts'
import { type Window, windowName } from '../registry/windows.ts'
import { hasParts, windowKey } from '../schema/table.ts'
import { bigint } from '../values/cql-bytes.ts'
import type { StoreContext } from './context.ts'
import { CellsOfRows, inOrderOfArrival } from './decode-rows.ts'
import { groupsOf, type Outcome, replaceGroup } from './replace-group.ts'
import { pendingOf, type RunOfCells, runsOf, type WriteContext } from './write.ts'

/** Windows replaced at a time. */
const AT_ONCE = 8
/** After this many failed cells the rest is not sent. */
const MOST_FAILURES = 64

/**
 * Sets cells to values. Reads what is there, and replaces the cells that hold something else: each by a delete ahead of all clocks and rows a microsecond
 * newer. Resolves when every client's clock is past them, so that later writes are added to them.
 * @throws WriteFailure
 */
export async function replaceCells(
  writing: WriteContext,
  { cells }: ReplaceBatch,
  signal: AbortSignal | undefined,
): Promise<ReplaceReceipt> {
  const { clock } = writing.context
  const outcome: Outcome = { newest: 0, notApplied: [], maybeApplied: [], errors: [] }
  try {
    await clock.ready()
  } catch (error) {
    throw failedWrite(messageOf(error), { retry: retryOf(error), notApplied: cells, cause: error })
  }
  await mapConcurrently(AT_ONCE, runsOf(writing.context, cells), (run) => replaceRun(writing, run, outcome, signal))
  // Also if some failed: the others count as replaced.
  await clock.outlast(outcome.newest)
  const { notApplied, maybeApplied, errors } = outcome
  if (errors.length === 0) return { unexpected: [] }
  throw failedWrite<CellReplacement>(messageOf(errors[0]), {
    ...{ notApplied, maybeApplied },
    retry: worstRetry(errors.map(retryOf)),
    cause: errors[0],
  })
}

/** Replaces the cells of one window; reports failures in `outcome`. */
async function replaceRun(
  writing: WriteContext,
  run: RunOfCells<CellReplacement>,
  outcome: Outcome,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { context } = writing
  let left = run.cells
  try {
    const windows = await existingWindows(context, run)
    left = await different(context, run, windows)
    if (left.length === 0) return
    const target = left.some(({ value }) => value !== null) ? await registered(writing, run) : undefined
    for (const cells of groupsOf(context.layout.type, left)) {
      if (outcome.notApplied.length + outcome.maybeApplied.length >= MOST_FAILURES) throw outcome.errors[0]
      signal?.throwIfAborted()
      await replaceGroup(writing, { run, cells, target, windows }, outcome, signal)
      left = left.slice(cells.length)
    }
  } catch (error) {
    outcome.notApplied.push(...left)
    outcome.errors.push(error)
  }
}

/** The windows in which the cells of a run may be: of a type with parts, those that are registered. */
async function existingWindows(
  { layout, registry, intervalKey }: StoreContext,
  { name, interval, window }: RunOfCells<CellReplacement>,
): Promise<Window[]> {
  if (!hasParts(layout.type)) return [window]
  const windows: Window[] = []
  const range = { first: window.win, last: window.win }
  for await (const found of registry.windows(name, intervalKey(interval), { range }))
    if (found.sub === window.sub) windows.push(found)
  return windows
}

/** The cells that hold something else than they should. */
async function different(
  context: StoreContext,
  { cells, name, interval }: RunOfCells<CellReplacement>,
  windows: readonly Window[],
): Promise<CellReplacement[]> {
  const { session, layout, intervalKey } = context
  // A read that need not see every acknowledged write says nothing.
  if (!session.strong) return cells
  const ends = [bigint(cells[0]!.bucket), bigint(cells.at(-1)!.bucket)]
  const parts = await mapConcurrently(AT_ONCE, windows, async (window) => {
    const found = new CellsOfRows(layout, name)
    const key = windowKey(layout, name, windowName(intervalKey(interval), window))
    await session.eachRow(layout.read, [...key, ...ends], (row) => found.add(row))
    return found
  })
  const values = new Map<string, CellValue>()
  const divided = new Set<string>()
  for (const found of parts.length === 0 ? [] : inOrderOfArrival(layout.type, parts)) {
    const key = positionOf(found)
    // It has rows in several parts: not compared.
    if (values.has(key)) divided.add(key)
    values.set(key, found.value)
  }
  return cells.filter((cell) => {
    const key = positionOf(cell)
    return divided.has(key) || !sameValue(values.get(key) ?? null, cell.value)
  })
}

function positionOf({ bucket, resolutionBucket }: Omit<CellPosition, 'name'>): string {
  return `${bucket} ${resolutionBucket}`
}

/** The window that new rows go to. */
async function registered({ context, windowCache }: WriteContext, run: RunOfCells<CellReplacement>): Promise<Window> {
  const known = windowCache.find(run.key, run.window)
  if (known !== undefined) return known
  const wanted = new Map([[run.key, pendingOf(context, run)]])
  const { window, error } = (await windowCache.register(wanted, hasParts(context.layout.type))).get(run.key)!
  if (window === undefined) throw error
  return window
}
