import { type CellValue, type CellWrite, failedWrite, type Scalar, type WriteFailure } from '@kairos/core/driver'
import { messageOf, retryOf } from './failures.ts'
import { type Channel, type ChunkUpdate, type Sent, send } from './send.ts'

/** A cell's change, or a part of it. */
export interface Part {
  /** The batch's own. */
  readonly cell: CellWrite
  readonly change: CellValue
}

/** One update of one document, and the parts of the batch that it carries. */
export interface Piece extends ChunkUpdate {
  readonly parts: readonly Part[]
  /** What has to follow it, once it is applied: a series keeps its order. */
  readonly next?: Piece
}

/** What finds the documents again where pieces did not fit: their chunk was full, or gone. */
export type Relocate<P extends Piece> = (displaced: readonly P[]) => Promise<readonly P[]>

/** So often a write looks for another chunk before it leaves it to core to try again. */
const MOST_ROUNDS = 50

/**
 * Writes pieces, each atomically and at most once; those of a full chunk go to where `relocate` says, in a next round.
 * @throws WriteFailure with what was not and what may have been applied
 */
export async function writePieces<P extends Piece>(
  channel: Channel,
  pieces: readonly P[],
  relocate: Relocate<P> | null,
): Promise<void> {
  let pending: readonly P[] = pieces
  for (let round = 1; pending.length > 0; round++) {
    const sent: Sent<P> = await send(channel, pending)
    const following = sent.applied.flatMap(({ next }) => (next === undefined ? [] : [next as P]))
    if (sent.refused.length > 0 || sent.unknown.length > 0) throw failureOf(sent, following, sent)
    if (sent.displaced.length === 0) {
      pending = following
      continue
    }
    if (relocate === null || round === MOST_ROUNDS || channel.session !== undefined)
      throw failureOf(sent, following, { retry: round === 1 ? 'now' : 'later', cause: sent.cause })
    try {
      pending = [...(await relocate(sent.displaced)), ...following]
    } catch (error) {
      throw failureOf(sent, following, { retry: retryOf(error), cause: error })
    }
  }
}

function failureOf<P extends Piece>(
  sent: Sent<P>,
  following: readonly P[],
  { retry, cause }: Pick<Sent<P>, 'retry' | 'cause'>,
): WriteFailure {
  const unwritten = [...sent.refused, ...sent.displaced, ...following].flatMap(withFollowers)
  const afterDoubt = sent.unknown.flatMap((piece) => (piece.next === undefined ? [] : withFollowers(piece.next)))
  return failedWrite(cause === undefined ? 'a chunk was full or gone again and again' : messageOf(cause), {
    retry,
    cause,
    notApplied: cellsOf([...unwritten, ...afterDoubt]),
    maybeApplied: cellsOf(sent.unknown),
  })
}

function withFollowers(piece: Piece): Piece[] {
  const chain: Piece[] = []
  for (let each: Piece | undefined = piece; each !== undefined; each = each.next) chain.push(each)
  return chain
}

/** The cells of the pieces, none twice; of one that was split, a copy with the parts concerned. */
function cellsOf(pieces: readonly Piece[]): CellWrite[] {
  const changes = new Map<CellWrite, CellValue[]>()
  for (const { cell, change } of pieces.flatMap(({ parts }) => parts)) {
    const known = changes.get(cell)
    if (known === undefined) changes.set(cell, [change])
    else known.push(change)
  }
  return [...changes].map(([cell, parts]) => {
    const change = parts.length === 1 ? parts[0]! : joined(parts)
    return sizeOf(change) === sizeOf(cell.change) ? cell : { ...cell, change }
  })
}

/** Of a series in order; times of a histogram add up. */
export function joined(parts: readonly CellValue[]): CellValue {
  if (Array.isArray(parts[0])) return (parts as (readonly Scalar[])[]).flat()
  if (!(parts[0] instanceof Map)) return new Set((parts as ReadonlySet<Scalar>[]).flatMap((part) => [...part]))
  const counts = new Map<Scalar, number>()
  for (const part of parts as ReadonlyMap<Scalar, number>[])
    for (const [scalar, times] of part) counts.set(scalar, (counts.get(scalar) ?? 0) + times)
  return counts
}

function sizeOf(change: CellValue): number {
  if (Array.isArray(change)) return change.length
  return change instanceof Map || change instanceof Set ? change.size : 1
}
