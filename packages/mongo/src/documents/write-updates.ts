import {
  type CellValue,
  type CellWrite,
  failedWrite,
  type Scalar,
  type StoreFailure,
  type WriteFailure,
} from '@kairos/core/driver'
import { codeOf, isStoreFailure, reasonOf, retryOf, transient } from '../connection/failures.ts'
import { type Channel, type ChunkUpdate, type Sent, send } from './send-updates.ts'

/** A cell's change, or a part of it. */
interface Part {
  /** The batch's own. */
  readonly cell: CellWrite
  readonly change: CellValue
}

/** One update of one document, and the parts of the batch that it carries. */
export interface Piece extends ChunkUpdate {
  parts(): readonly Part[]
  /** What has to follow it once it is applied, for a series keeps its order: made only then, since it may have to go elsewhere. */
  readonly rest?: { parts(): readonly Part[]; first(): Piece }
}

/** Looks after the chunks of a type. */
export interface Upkeep<P extends Piece> {
  /** After pieces were applied, and before others follow them. What it fails at is left for the next time, since the values are stored. */
  after(applied: readonly P[]): Promise<void>
  /** Closes chunks that take no more of their pieces. Throws where a piece is too large for a chunk of its own. */
  makeRoom(tooLarge: readonly P[]): Promise<void>
  /** Where pieces go whose chunks are closed or gone. */
  relocate(displaced: readonly P[]): Promise<readonly P[]>
}

/** So often a write looks for another chunk before it leaves it to core to try again. */
const MOST_ROUNDS = 50

/**
 * Writes pieces, each atomically and once.
 * @throws WriteFailure with what was not and what may have been applied
 */
export async function writePieces<P extends Piece>(
  channel: Channel,
  pieces: readonly P[],
  upkeep?: Upkeep<P>,
): Promise<void> {
  const overflowing: P[] = []
  const fail = (sent: Sent<P>, fault: Fault): WriteFailure => failureOf(channel, pieces, overflowing, sent, fault)
  let pending: readonly P[] = pieces
  for (let round = 1; pending.length > 0; round++) {
    const sent = await send(channel, pending)
    overflowing.push(...sent.overflowing)
    if (sent.refused.length > 0 || sent.unknown.length > 0) throw fail(sent, sent)
    await upkeep?.after(sent.applied).catch(() => {})
    pending = await relocated(channel, sent, upkeep, round, fail)
    pending = [...pending, ...sent.applied.flatMap(({ rest }) => (rest === undefined ? [] : [rest.first() as P]))]
  }
  if (overflowing.length > 0) {
    throw failedWrite('a sum would be larger than a double can hold', {
      retry: 'never',
      notApplied: cellsOf(overflowing.flatMap(({ parts }) => parts())),
    })
  }
}

/** What comes before the first write: where it fails, nothing was written. */
export async function unsentOnFailure<T>(
  { requests, module }: Channel,
  cells: readonly CellWrite[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const failure = failedWrite(reasonOf(error), { retry: retryOf(error), cause: error, notApplied: cells })
    throw Object.assign(failure, requests.inTransaction && transient(module, error), configChanged(error))
  }
}

type Fault = Pick<Sent<Piece>, 'retry' | 'cause'>

async function relocated<P extends Piece>(
  { requests }: Channel,
  sent: Sent<P>,
  upkeep: Upkeep<P> | undefined,
  round: number,
  fail: (sent: Sent<P>, fault: Fault) => WriteFailure,
): Promise<readonly P[]> {
  const displaced = [...sent.displaced, ...sent.tooLarge]
  if (displaced.length === 0) return []
  // The refusal has ended the transaction: the next one sees where to write.
  if (!requests.inTransaction && upkeep !== undefined && round < MOST_ROUNDS) {
    try {
      if (sent.tooLarge.length > 0) await upkeep.makeRoom(sent.tooLarge)
      return await upkeep.relocate(displaced)
    } catch (error) {
      throw fail(sent, { retry: retryOf(error), cause: error })
    }
  }
  const retry = requests.inTransaction && sent.tooLarge.length > 0 ? 'never' : 'later'
  throw fail(sent, { retry, cause: new Error('a document takes no more writes') })
}

function failureOf<P extends Piece>(
  { requests, module }: Channel,
  pieces: readonly P[],
  overflowing: readonly P[],
  sent: Sent<P>,
  { retry, cause }: Fault,
): WriteFailure {
  const message = reasonOf(cause)
  // All that the call has done in it is rolled back, whatever the server said of each.
  if (requests.inTransaction && endsTransaction(sent, cause)) {
    const all = pieces.flatMap(({ parts, rest }) => [...parts(), ...(rest?.parts() ?? [])])
    const failure = failedWrite(message, { retry, cause, notApplied: cellsOf(all) })
    return Object.assign(failure, retry === 'never' ? transient(module, cause) : transient(module, failure))
  }
  const unsent = [...sent.applied, ...sent.unknown].flatMap(({ rest }) => rest?.parts() ?? [])
  const notApplied = [...sent.refused, ...sent.displaced, ...sent.tooLarge].flatMap(({ parts, rest }) => [
    ...parts(),
    ...(rest?.parts() ?? []),
  ])
  const failure = failedWrite(message, {
    retry,
    cause,
    notApplied: cellsOf([...notApplied, ...unsent, ...overflowing.flatMap(({ parts }) => parts())]),
    maybeApplied: cellsOf(sent.unknown.flatMap(({ parts }) => parts())),
  })
  return Object.assign(failure, requests.inTransaction && transient(module, cause), configChanged(cause))
}

/** Whether a server has refused something: after that, a transaction can no longer be committed. */
function endsTransaction({ displaced, tooLarge }: Sent<Piece>, cause: unknown): boolean {
  return displaced.length > 0 || tooLarge.length > 0 || codeOf(cause) !== 0
}

function configChanged(cause: unknown): Pick<StoreFailure, 'configChanged'> {
  return isStoreFailure(cause) && cause.configChanged === true ? { configChanged: true } : {}
}

/** The cells of the parts, none twice; of one that was split, a copy with the parts concerned. */
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

/** The parts of a cell as one: of a series in order, of a histogram added up, of a set united. */
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
