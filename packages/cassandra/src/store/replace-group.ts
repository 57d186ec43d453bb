import { type CellReplacement, type CellWrite, failedStore, pack, type TimeseriesType } from '@kairos/core/driver'
import type { RequestFailure } from '../connection/failures.ts'
import type { BoundStatement } from '../connection/session.ts'
import type { Writer } from '../folding/writer-lease.ts'
import { sameWindow } from '../registry/registry.ts'
import { type Window, windowName } from '../registry/windows.ts'
import { cellKey, hasDeltas, hasParts, windowKey } from '../schema/table.ts'
import { bigint } from '../values/cql-bytes.ts'
import type { StoreContext } from './context.ts'
import { type RowWrite, valuesIn } from './encode-cells.ts'
import { bytesOf, type RunOfCells, rowsOfRun, sizeOf, type WriteContext } from './write.ts'

/** What gets one timestamp: cells, and about how many values. */
const MOST_CELLS = 64
const MOST_VALUES = 1_000
/** Statements of a request. */
const MOST_STATEMENTS = 64
/** How often a group is replaced again because an answer came late. */
const ATTEMPTS = 20

/** What became of the cells of a batch; those in neither list are replaced. */
export interface Outcome {
  /** The newest timestamp, in microseconds. */
  newest: number
  readonly notApplied: CellReplacement[]
  readonly maybeApplied: CellReplacement[]
  readonly errors: unknown[]
}

/** Cells of one window that are replaced together. */
interface Group {
  readonly run: RunOfCells<CellReplacement>
  readonly cells: readonly CellReplacement[]
  /** The window that new rows go to; undefined: there are none. */
  readonly target: Window | undefined
  /** The windows that may hold rows of the cells. */
  readonly windows: readonly Window[]
}

/** The cells in groups for `replaceGroup`, in their order. */
export function groupsOf(type: TimeseriesType, cells: readonly CellReplacement[]): Iterable<CellReplacement[]> {
  const weightOf = (cell: CellReplacement): number => (cell.value === null ? 1 : valuesIn(type, [writeOf(cell)]))
  return pack(cells, { weightOf, maxWeight: MOST_VALUES, maxItems: MOST_CELLS })
}

function writeOf({ value, expected: _, ...position }: CellReplacement): CellWrite {
  return { ...position, change: value! }
}

/**
 * Replaces some cells of a window under one timestamp. A fold may bring back what it read before a delete that was answered late, so such cells are
 * replaced again: see docs/decisions/0051.
 */
export async function replaceGroup(
  writing: WriteContext,
  group: Group,
  outcome: Outcome,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { clock, timings, layout } = writing.context
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const begun = clock.now()
    const allReplaced = await tryGroup(writing, group, outcome, signal)
    const late = hasDeltas(layout.type) && clock.now() - begun >= timings.promptDelete
    if (!allReplaced || !late) return
  }
  outcome.maybeApplied.push(...group.cells)
  outcome.errors.push(failedStore(`replacing cells is taking longer than ${timings.promptDelete} ms`, 'later'))
}

/** Resolves to whether all cells are replaced. */
async function tryGroup(
  writing: WriteContext,
  group: Group,
  outcome: Outcome,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { context } = writing
  const { clock, folding, layout, lease } = context
  const writer = hasDeltas(layout.type) && group.target !== undefined ? await lease.current() : undefined
  const timestamp = clock.deleteTimestamp()
  const inserted = timestamp + 1
  folding.sending(inserted)
  const send = (requests: readonly Request[]): Promise<Sent[]> =>
    Promise.all(requests.map((request) => sendRequest(context, request, inserted, writer, signal)))
  try {
    const [first, rest] = requestsOf(writing, group, timestamp, writer)
    const sent = [...(await send(first)), ...(await send(rest))]
    outcome.newest = Math.max(outcome.newest, inserted)
    return report(sent, outcome)
  } finally {
    folding.settled(inserted)
  }
}

/** Statements on one partition that are sent together. */
interface Request {
  readonly cells: readonly CellReplacement[]
  readonly statements: readonly BoundStatement[]
  readonly rows: readonly RowWrite[]
}

/** A cell's delete, and the rows that it is to hold. */
interface Unit {
  readonly cell: CellReplacement
  readonly remove: BoundStatement
  readonly rows: readonly RowWrite[]
}

/**
 * The requests that replace cells. Those of the second list are sent after the first: the rows of a cell that does not fit a request come before its
 * delete, so that if they are cut off, nothing is lost that was there.
 */
function requestsOf(
  writing: WriteContext,
  group: Group,
  timestamp: number,
  writer: Writer | undefined,
): [Request[], Request[]] {
  const { layout, timings } = writing.context
  const home = group.target ?? group.windows[0]
  if (home === undefined) return [[], []]
  const units = unitsOf(writing, group, home, timestamp, writer)
  const isLarge = (unit: Unit): boolean => weightOf(unit) > 1
  const weightOf = ({ remove, rows }: Unit): number => {
    const bytes = rows.reduce((sum, row) => sum + sizeOf(row), bytesOf(remove))
    return Math.max(bytes / timings.batchBytes, (1 + rows.length) / MOST_STATEMENTS)
  }
  const limits = { weightOf: sizeOf, maxWeight: timings.batchBytes, maxItems: MOST_STATEMENTS }
  const rowsFirst = units.filter(isLarge).flatMap(({ cell, rows }) =>
    Array.from(pack(rows, limits), (some) => ({
      cells: [cell],
      statements: some.map(({ bound }) => bound),
      rows: some,
    })),
  )
  const whole = units.map((unit) => (isLarge(unit) ? { ...unit, rows: [] } : unit))
  const together = Array.from(pack(whole, { weightOf, maxWeight: 1, maxItems: MOST_STATEMENTS }), (some) => ({
    cells: some.map(({ cell }) => cell),
    statements: some.flatMap(({ remove, rows }) => [remove, ...rows.map(({ bound }) => bound)]),
    rows: some.flatMap(({ rows }) => rows),
  }))
  const elsewhere = group.windows
    .filter((window) => !sameWindow(window, home))
    .map((window) => ({
      cells: group.cells,
      statements: group.cells.map((cell) => removal(writing.context, group, window, cell, timestamp)),
      rows: [],
    }))
  if (hasParts(layout.type))
    writing.windowCache.count(
      group.run.key,
      units.reduce((sum, { rows }) => sum + rows.length, 0),
    )
  return [rowsFirst, [...together, ...elsewhere]]
}

function unitsOf(
  { context, arrivals }: WriteContext,
  group: Group,
  home: Window,
  timestamp: number,
  writer: Writer | undefined,
): Unit[] {
  const writes = new Map<CellWrite, CellReplacement>()
  for (const cell of group.cells) if (cell.value !== null) writes.set(writeOf(cell), cell)
  const rowsOf = new Map<CellReplacement, RowWrite[]>()
  const shared = { context, timestamp: timestamp + 1, arrivals, writer }
  for (const row of rowsOfRun(shared, { ...group.run, cells: [...writes.keys()], window: home })) {
    const cell = writes.get(row.cell)!
    const known = rowsOf.get(cell)
    if (known === undefined) rowsOf.set(cell, [row])
    else known.push(row)
  }
  return group.cells.map((cell) => ({
    cell,
    remove: removal(context, group, home, cell, timestamp),
    rows: rowsOf.get(cell) ?? [],
  }))
}

function removal(
  { layout, intervalKey }: StoreContext,
  { run: { name, interval } }: Group,
  window: Window,
  cell: CellReplacement,
  timestamp: number,
): BoundStatement {
  const key = windowKey(layout, name, windowName(intervalKey(interval), window))
  return { query: layout.deleteCell, values: [bigint(timestamp), ...key, ...cellKey(cell)] }
}

/** What became of a request. */
interface Sent {
  readonly request: Request
  /** Why it failed; undefined: it did not. */
  readonly error?: unknown
  /** Some node may have applied it. */
  readonly inDoubt?: boolean
}

const TOO_LATE = failedStore("the write outlived its writer's lease", 'later')

async function sendRequest(
  { session, folding }: StoreContext,
  request: Request,
  timestamp: number,
  writer: Writer | undefined,
  signal: AbortSignal | undefined,
): Promise<Sent> {
  const sent = await attempt()
  const outcome = sent.error === undefined ? 'stored' : sent.inDoubt ? 'inDoubt' : 'notApplied'
  for (const row of request.rows) folding.end(row, timestamp, outcome)
  return sent

  function mayBeSent(): boolean {
    return !signal?.aborted && writer?.valid() !== false
  }

  async function attempt(): Promise<Sent> {
    if (!mayBeSent()) return { request, error: signal?.reason ?? TOO_LATE }
    try {
      await session.write(request.statements, timestamp, mayBeSent)
    } catch (error) {
      return { request, error, inDoubt: (error as RequestFailure).inDoubt }
    }
    return writer?.late() ? { request, error: TOO_LATE, inDoubt: true } : { request }
  }
}

/**
 * Adds the cells of failed requests to the outcome; resolves to whether there are none. A cell is not applied only if nothing of it may be.
 */
function report(sent: readonly Sent[], outcome: Outcome): boolean {
  const failed = new Set(sent.flatMap(({ request, error }) => (error === undefined ? [] : request.cells)))
  const touched = new Set(
    sent.flatMap(({ request, error, inDoubt }) => (error === undefined || inDoubt ? request.cells : [])),
  )
  for (const cell of failed) (touched.has(cell) ? outcome.maybeApplied : outcome.notApplied).push(cell)
  for (const { error } of sent) if (error !== undefined) outcome.errors.push(error)
  return failed.size === 0
}
