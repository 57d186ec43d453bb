import type { SummaryValue } from '@kairos/core/driver'
import { SUMMARY } from '../scripts/packed.ts'
import { Damaged } from './damaged.ts'
import { numberAt, type Width, widthFor, writeNumber } from './packed-chunk.ts'

/** Before the presence bits. */
const HEAD = 8

/** How many numbers a summary has. */
const COLUMNS = 6

/** The numbers of a summary as `summaryOf` takes them, in the order in which records hold them. */
export function numbersOf({ count, sum, min, max, last, lastAt }: SummaryValue): number[] {
  return [count, sum, min, max, last, lastAt]
}

export function summaryOf([count, sum, min, max, last, lastAt]: readonly number[]): SummaryValue {
  return { count: count!, sum: sum!, min: min!, max: max!, last: last!, lastAt: lastAt! }
}

/** Of the summaries that are being packed, one after the other: most chunks have one, which an array for each column would cost more than the rest. */
let numbers = new Float64Array(COLUMNS)

/** The layout is described beside the scripts that read it: `scripts/summary.ts`. Fields ascend. */
export function packSummaries(size: number, fields: readonly number[], summaries: readonly SummaryValue[]): Buffer {
  const length = summaries.length * COLUMNS
  if (numbers.length < length) numbers = new Float64Array(length * 2)
  for (let index = 0; index < summaries.length; index++) {
    const { count, sum, min, max, last, lastAt } = summaries[index]!
    const at = index * COLUMNS
    numbers[at] = count
    numbers[at + 1] = sum
    numbers[at + 2] = min
    numbers[at + 3] = max
    numbers[at + 4] = last
    numbers[at + 5] = lastAt
  }
  const widths: Width[] = []
  let stride = 0
  for (let column = 0; column < COLUMNS; column++) {
    const width = widthOfColumn(column, length)
    widths.push(width)
    stride += width
  }
  let at = HEAD + size / 8
  const bytes = Buffer.allocUnsafe(at + fields.length * stride)
  bytes[0] = SUMMARY
  for (let column = 0; column < COLUMNS; column++) bytes[1 + column] = widths[column]!
  bytes[7] = size / 8
  for (let place = HEAD; place < at; place++) bytes[place] = 0
  for (const field of fields) bytes[HEAD + (field >> 3)]! |= 128 >> (field & 7)
  for (let index = 0; index < length; index += COLUMNS) {
    for (let column = 0; column < COLUMNS; column++) {
      const width = widths[column]!
      writeNumber(bytes, width, at, numbers[index + column]!)
      at += width
    }
  }
  return bytes
}

/** The least width that fits all numbers of a column, and 0. */
function widthOfColumn(column: number, length: number): Width {
  let least = 0
  let greatest = 0
  for (let at = column; at < length; at += COLUMNS) {
    const number = numbers[at]!
    if (!Number.isInteger(number)) return 8
    if (number < least) least = number
    if (number > greatest) greatest = number
  }
  return widthFor(least, greatest, true)
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
