import { type CellValue, type CellWrite, failedWrite, type Scalar, type WriteFailure } from '@kairos/core/driver'
import { messageOf } from './failures.ts'
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

/**
 * Writes pieces, each atomically and once. `upkeep` may look after the chunks of those that were applied, before others follow them; what it
 * fails at is left for the next time, since the values are stored.
 * @throws WriteFailure with what was not and what may have been applied
 */
export async function writePieces<P extends Piece>(
  channel: Channel,
  pieces: readonly P[],
  upkeep: (applied: readonly P[]) => Promise<void> = async () => {},
): Promise<void> {
  let pending: readonly P[] = pieces
  while (pending.length > 0) {
    const sent = await send(channel, pending)
    const following = sent.applied.flatMap(({ next }) => (next === undefined ? [] : [next as P]))
    if (sent.refused.length > 0 || sent.unknown.length > 0) throw failureOf(sent, following)
    await upkeep(sent.applied).catch(() => {})
    pending = following
  }
}

function failureOf<P extends Piece>(sent: Sent<P>, following: readonly P[]): WriteFailure {
  const unwritten = [...sent.refused, ...following].flatMap(withFollowers)
  const afterDoubt = sent.unknown.flatMap((piece) => withFollowers(piece).slice(1))
  return failedWrite(messageOf(sent.cause), {
    retry: sent.retry,
    cause: sent.cause,
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
