import type { SummaryValue } from '@kairos/core/driver'
import { SUMMARY } from '../scripts/packed.ts'
import { Damaged } from './damaged.ts'
import { numberAt, type Width, widthOf, writeNumber } from './packed-chunk.ts'

/** Before the presence bits. */
const HEAD = 8

/** The numbers of a summary in the order in which records hold them. */
const COLUMNS: readonly ((summary: SummaryValue) => number)[] = [
  ({ count }) => count,
  ({ sum }) => sum,
  ({ min }) => min,
  ({ max }) => max,
  ({ last }) => last,
  ({ lastAt }) => lastAt,
]

/** The numbers of a summary as `summaryOf` takes them. */
export function numbersOf(summary: SummaryValue): number[] {
  return COLUMNS.map((column) => column(summary))
}

export function summaryOf([count, sum, min, max, last, lastAt]: readonly number[]): SummaryValue {
  return { count: count!, sum: sum!, min: min!, max: max!, last: last!, lastAt: lastAt! }
}

/** The layout is described beside the scripts that read it: `scripts/summary.ts`. Fields ascend. */
export function packSummaries(size: number, fields: readonly number[], summaries: readonly SummaryValue[]): Buffer {
  const columns = COLUMNS.map((column) => summaries.map(column))
  const widths = columns.map(widthOf)
  const stride = sumOf(widths)
  const bytes = Buffer.alloc(HEAD + size / 8 + fields.length * stride)
  bytes.set([SUMMARY, ...widths, size / 8])
  for (const field of fields) bytes[HEAD + (field >> 3)]! |= 128 >> (field & 7)
  let start = HEAD + size / 8
  for (const [index, numbers] of columns.entries()) {
    const width = widths[index]!
    let at = start
    for (const number of numbers) {
      writeNumber(bytes, width, at, number)
      at += stride
    }
    start += width
  }
  return bytes
}

/**
 * Calls `each` with the fields of a chunk with room for this many, ascending.
 * @throws Damaged
 */
export function unpackSummaries(
  bytes: Buffer,
  size: number,
  each: (field: number, summary: SummaryValue) => void,
): void {
  const widths = [...bytes.subarray(1, 7)]
  const stride = sumOf(widths)
  const start = HEAD + size / 8
  if (bytes[0] !== SUMMARY || bytes[7] !== size / 8 || !widths.every(isWidth))
    throw new Damaged(
      `a chunk of summaries must begin with ${SUMMARY}, six widths and ${size / 8}, not ${bytes.length} bytes that begin with ${bytes[0]}`,
    )
  const used = bytes.subarray(HEAD, start).reduce((count, byte) => count + bitsIn(byte), 0)
  if (bytes.length !== start + used * stride)
    throw new Damaged(`a chunk of summaries must have ${stride} bytes for each that is there`)
  let at = start
  for (let field = 0; field < size; field++) {
    if ((bytes[HEAD + (field >> 3)]! & (128 >> (field & 7))) === 0) continue
    each(
      field,
      summaryOf(
        widths.map((width) => {
          at += width
          return numberAt(bytes, width, at - width)
        }),
      ),
    )
  }
}

function bitsIn(byte: number): number {
  let count = 0
  for (let left = byte; left !== 0; left &= left - 1) count++
  return count
}

function isWidth(width: number): width is Width {
  return width === 1 || width === 2 || width === 4 || width === 8
}

function sumOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0)
}
