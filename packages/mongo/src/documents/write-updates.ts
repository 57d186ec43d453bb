import {
  type CellValue,
  type CellWrite,
  failedWrite,
  type Scalar,
  type StoreFailure,
  type WriteFailure,
} from '@kairos/core/driver'
import { codeOf, isStoreFailure, retryOf } from '../connection/error-codes.ts'
import { reasonOf, transient } from '../connection/failures.ts'
import type { Requests } from '../connection/requests.ts'
import { type Channel, type ChunkUpdate, type Sent, send } from './send-updates.ts'

/** A cell's change, or a part of it. */
interface Part {
  /** The cell as it is in the batch. */
  readonly cell: CellWrite
  readonly change: CellValue
}

/** An update of one document, and the parts of the batch that it carries. */
export interface Piece extends ChunkUpdate {
  parts(): readonly Part[]
  /** Values of a series that must wait until it is applied; the piece for them is made only then, since it may have to go elsewhere. */
  readonly rest?: { parts(): readonly Part[]; first(): Piece }
}

/** How a type maintains its chunks. */
export interface ChunkMaintenance<P extends Piece> {
  /** Runs after pieces were applied, and before others follow them. A failure is left for the next time, since the values are stored. */
  after(applied: readonly P[]): Promise<void>
  /** Makes room for pieces that no longer fit into their chunks: the same pieces, for where there is room. Throws if one is too large for a chunk of its own. */
  makeRoom(tooLarge: readonly P[]): Promise<readonly P[]>
  /** The same pieces for other chunks, if theirs are closed or deleted. */
  relocate(displaced: readonly P[]): Promise<readonly P[]>
}

const NO_NUMBERS =
  'a document is damaged, or something else wrote it: what is added to must be a number; read the cells to see where, then restore it, or delete it'

/** How often a write looks for another chunk before it leaves retrying to core. */
const MOST_ROUNDS = 50

/**
 * Writes pieces, each atomically and once.
 * @throws WriteFailure with what was not and what may have been applied
 */
export async function writePieces<P extends Piece>(
  channel: Channel,
  pieces: readonly P[],
  maintenance?: ChunkMaintenance<P>,
): Promise<void> {
  const overflowing: P[] = []
  const fail = (sent: Sent<P>, fault: Fault): WriteFailure => failureOf(channel, pieces, overflowing, sent, fault)
  let pending: readonly P[] = pieces
  for (let round = 1; pending.length > 0; round++) {
    const sent = await send(channel, pending)
    overflowing.push(...sent.overflowing)
    if (sent.notApplied.length > 0 || sent.maybeApplied.length > 0) throw fail(sent, sent)
    await maintenance?.after(sent.applied).catch(() => {})
    pending = await relocated(channel, sent, maintenance, round, fail)
    pending = [...pending, ...sent.applied.flatMap(({ rest }) => (rest === undefined ? [] : [rest.first() as P]))]
  }
  if (overflowing.length > 0) {
    throw failedWrite('the sum of a cell must be a finite double', {
      retry: 'never',
      notApplied: cellsOf(overflowing.flatMap(({ parts }) => parts())),
    })
  }
}

/** For work before the first write: if it fails, nothing was written. */
export async function unsentOnFailure<T>(
  { requests, module }: Channel,
  cells: readonly CellWrite[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const failure = failedWrite(reasonOf(error), { retry: retryOf(error), cause: error, notApplied: cells })
    throw Object.assign(failure, requests.inTransaction && transient(module, error), endOf(requests, error))
  }
}

type Fault = Pick<Sent<Piece>, 'retry' | 'cause'>

async function relocated<P extends Piece>(
  { requests }: Channel,
  sent: Sent<P>,
  maintenance: ChunkMaintenance<P> | undefined,
  round: number,
  fail: (sent: Sent<P>, fault: Fault) => WriteFailure,
): Promise<readonly P[]> {
  const { displaced, tooLarge } = sent
  if (displaced.length + tooLarge.length === 0) return []
  // In a transaction, the refusal has ended it: the next one sees where to write.
  if (!requests.inTransaction && maintenance !== undefined && round < MOST_ROUNDS) {
    try {
      const fitting = tooLarge.length === 0 ? [] : await maintenance.makeRoom(tooLarge)
      return [...(displaced.length === 0 ? [] : await maintenance.relocate(displaced)), ...fitting]
    } catch (error) {
      throw fail(sent, { retry: retryOf(error), cause: error })
    }
  }
  // Without chunks, only damage keeps the server from adding to a number.
  if (maintenance === undefined) throw fail(sent, { retry: 'never', cause: new Error(NO_NUMBERS) })
  const retry = requests.inTransaction && tooLarge.length > 0 ? 'never' : 'later'
  throw fail(sent, { retry, cause: new Error('a document no longer accepts writes') })
}

function failureOf<P extends Piece>(
  { requests, module }: Channel,
  pieces: readonly P[],
  overflowing: readonly P[],
  sent: Sent<P>,
  { retry, cause }: Fault,
): WriteFailure {
  const message = reasonOf(cause)
  // Everything the call did in the transaction is rolled back, whatever the server said about each entry.
  if (requests.inTransaction && endsTransaction(requests, sent, cause)) {
    const all = pieces.flatMap(({ parts, rest }) => [...parts(), ...(rest?.parts() ?? [])])
    const failure = failedWrite(message, { retry, cause, notApplied: cellsOf(all) })
    const error = retry === 'never' ? cause : failure
    return Object.assign(failure, transient(module, error), { transactionEnded: true })
  }
  const unsent = [...sent.applied, ...sent.maybeApplied].flatMap(({ rest }) => rest?.parts() ?? [])
  const [doubtful, displaced] = [true, false].map((wanted) =>
    sent.displaced.filter(({ repeatable = false }) => repeatable === wanted),
  ) as [P[], P[]]
  const notApplied = [...sent.notApplied, ...displaced, ...sent.tooLarge].flatMap(({ parts, rest }) => [
    ...parts(),
    ...(rest?.parts() ?? []),
  ])
  const failure = failedWrite(message, {
    retry,
    cause,
    notApplied: cellsOf([...notApplied, ...unsent, ...overflowing.flatMap(({ parts }) => parts())]),
    maybeApplied: cellsOf([...sent.maybeApplied, ...doubtful].flatMap(({ parts }) => parts())),
  })
  return Object.assign(failure, requests.inTransaction && transient(module, cause), endOf(requests, cause))
}

/** Whether the server has refused something, after which a transaction can no longer be committed, or the transaction was aborted. */
function endsTransaction(requests: Requests, { displaced, tooLarge }: Sent<Piece>, cause: unknown): boolean {
  return displaced.length > 0 || tooLarge.length > 0 || endOf(requests, cause).transactionEnded === true
}

/** Whether no further call can succeed: of this store, or in this transaction, which an error of the server ends. */
export function endOf(
  { inTransaction }: Requests,
  cause: unknown,
): Pick<StoreFailure, 'configChanged' | 'transactionEnded'> {
  const { configChanged, transactionEnded }: Partial<StoreFailure> = isStoreFailure(cause) ? cause : {}
  const ended = transactionEnded || (inTransaction && codeOf(cause) !== 0)
  return { ...(configChanged && { configChanged }), ...(ended && { transactionEnded: true }) }
}

/** The cells of the parts, none twice; for a cell that was split, a copy with just these parts. */
function cellsOf(all: readonly Part[]): CellWrite[] {
  const changes = new Map<CellWrite, CellValue[]>()
  for (const { cell, change } of all) {
    const known = changes.get(cell)
    if (known === undefined) changes.set(cell, [change])
    else known.push(change)
  }
  return [...changes].map(([cell, parts]) => {
    const change = joined(parts)
    return sizeOf(change) === sizeOf(cell.change) ? cell : { ...cell, change }
  })
}

/** Joins the parts of a cell: a series in order, a histogram by adding up, a set by union. */
export function joined(parts: readonly CellValue[]): CellValue {
  if (parts.length === 1) return parts[0]!
  if (Array.isArray(parts[0])) return (parts as (readonly Scalar[])[]).flat()
  if (!(parts[0] instanceof Map)) return new Set((parts as ReadonlySet<Scalar>[]).flatMap((part) => [...part]))
  const counts = new Map<Scalar, number>()
  for (const part of parts as ReadonlyMap<Scalar, number>[]) {
    for (const [scalar, times] of part) counts.set(scalar, (counts.get(scalar) ?? 0) + times)
  }
  return counts
}

function sizeOf(change: CellValue): number {
  if (Array.isArray(change)) return change.length
  return change instanceof Map || change instanceof Set ? change.size : 1
}
