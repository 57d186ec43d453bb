import {
  type CellValue,
  type CellWrite,
  failedWrite,
  messageOf,
  type Scalar,
  type WriteFailure,
} from '@kairos/core/driver'
import { retryOf } from '../connection/failures.ts'
import { type Channel, type ChunkUpdate, type Sent, send } from '../connection/send.ts'

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
  let pending: readonly P[] = pieces
  for (let round = 1; pending.length > 0; round++) {
    const sent = await send(channel, pending)
    if (sent.refused.length > 0 || sent.unknown.length > 0) throw failureOf(sent, sent)
    await upkeep?.after(sent.applied).catch(() => {})
    pending = sent.displaced.length === 0 ? [] : await relocated(channel, sent, upkeep, round)
    pending = [...pending, ...sent.applied.flatMap(({ rest }) => (rest === undefined ? [] : [rest.first() as P]))]
  }
}

async function relocated<P extends Piece>(
  { session }: Channel,
  sent: Sent<P>,
  upkeep: Upkeep<P> | undefined,
  round: number,
): Promise<readonly P[]> {
  let pieces: readonly P[] = []
  try {
    if (upkeep !== undefined) pieces = await upkeep.relocate(sent.displaced)
  } catch (error) {
    throw failureOf(sent, { retry: retryOf(error), cause: error })
  }
  // A transaction has ended with the refusal; when the caller begins another, it is known where to write.
  if (pieces.length > 0 && session === undefined && round < MOST_ROUNDS) return pieces
  throw failureOf(sent, { retry: 'later', cause: new Error('a document was closed to writes') })
}

function failureOf<P extends Piece>(sent: Sent<P>, { retry, cause }: Pick<Sent<P>, 'retry' | 'cause'>): WriteFailure {
  const unsent = [...sent.applied, ...sent.unknown].flatMap(({ rest }) => rest?.parts() ?? [])
  const refused = [...sent.refused, ...sent.displaced].flatMap(({ parts, rest }) => [
    ...parts(),
    ...(rest?.parts() ?? []),
  ])
  return failedWrite(messageOf(cause), {
    retry,
    cause,
    notApplied: cellsOf([...refused, ...unsent]),
    maybeApplied: cellsOf(sent.unknown.flatMap(({ parts }) => parts())),
  })
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
