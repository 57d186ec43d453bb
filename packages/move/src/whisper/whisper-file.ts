/** An archive of a Whisper file: a ring of points of one step, in seconds. */
export interface WhisperArchive {
  readonly step: number
  readonly points: number
  /** In bytes. */
  readonly offset: number
}

/** What a Whisper file says of itself. */
export interface WhisperHeader {
  readonly aggregation: string
  readonly archives: readonly WhisperArchive[]
}

/** By the numbers in the file, from 1. */
const AGGREGATIONS = ['average', 'sum', 'last', 'max', 'min', 'avg_zero', 'absmax', 'absmin']
const METADATA = 16
const ARCHIVE = 12
const POINT = 12

/** The most bytes that a header has; files with more archives are not read. */
export const LONGEST_HEADER: number = METADATA + 64 * ARCHIVE

/** From the beginning of a file of `size` bytes; undefined: it is not one of Whisper. */
export function parseWhisperHeader(bytes: Buffer, size: number): WhisperHeader | undefined {
  if (bytes.length < METADATA) return undefined
  const aggregation = AGGREGATIONS[bytes.readUInt32BE(0) - 1]
  const count = bytes.readUInt32BE(12)
  if (aggregation === undefined || count === 0 || bytes.length < METADATA + count * ARCHIVE) return undefined
  const archives = Array.from({ length: count }, (_, index) => {
    const at = METADATA + index * ARCHIVE
    return { offset: bytes.readUInt32BE(at), step: bytes.readUInt32BE(at + 4), points: bytes.readUInt32BE(at + 8) }
  })
  const isWhole = archives.every(
    ({ offset, step, points }) => step > 0 && points > 0 && offset + points * POINT <= size,
  )
  return isWhole ? { aggregation, archives } : undefined
}

/** The moment of the newest point of a file; 0: there is none. */
export function newestIn(file: Buffer, { archives }: WhisperHeader): number {
  let newest = 0
  for (const { offset, step, points } of archives)
    for (let slot = 0; slot < points; slot++) {
      const time = file.readUInt32BE(offset + slot * POINT)
      if (time % step === 0 && time > newest) newest = time
    }
  return newest
}

/** The points of an archive that its retention reaches at `now`, as `whisper.fetch` finds them: by their place in the ring. */
export function* pointsOf(
  file: Buffer,
  { offset, step, points }: WhisperArchive,
  now: number,
): Generator<{ readonly start: number; readonly value: number }> {
  const base = file.readUInt32BE(offset)
  if (base === 0) return
  const oldest = now - step * points
  for (let start = oldest - (oldest % step) + step; start <= now; start += step) {
    const slot = (((start - base) / step) % points) + (start < base ? points : 0)
    const at = offset + (slot % points) * POINT
    if (file.readUInt32BE(at) === start) yield { start, value: file.readDoubleBE(at + 4) }
  }
}
