import { sortIntegers } from '../internal/sort-integers.ts'
import { isBin } from './bins.ts'

// Bins of a distribution as stores keep them that hold a cell in one value: the width of the times in bytes (1, 2 or 4: whole and not negative; 8: doubles), and then
// for each bin, ascending, its number plus 2^19 in three bytes and its times; the highest byte first. The width is the least that holds all times, so that equal
// distributions have equal bytes.

const ZERO = 2 ** 19
const BIN = 3
const WIDEST = 8
/** Bins are close together if there is one for this many numbers, on average. */
const CLOSE = 8

type Width = 1 | 2 | 4 | 8

/** At most how many bytes the bins of a cell have when packed. */
export function mostLength(times: ReadonlyMap<number, number>): number {
  return 1 + times.size * (BIN + WIDEST)
}

/** Of the cell that is being packed: one list for all, since most cells have few bins. */
const BINS: number[] = []

/** Packs the bins of a cell, and returns where they end. */
export function packInto(times: ReadonlyMap<number, number>, bytes: Uint8Array, offset: number): number {
  let [most, last, ascends] = [0, Number.NEGATIVE_INFINITY, true]
  BINS.length = 0
  for (const [bin, count] of times) {
    if (!(count >= 0 && count % 1 === 0)) most = Number.POSITIVE_INFINITY
    else if (count > most) most = count
    if (bin < last) ascends = false
    last = bin
    BINS.push(bin)
  }
  if (!ascends) sortIntegers(BINS)
  const width = widthFor(most)
  const view = width === WIDEST ? viewOf(bytes) : undefined
  bytes[offset] = width
  let at = offset + 1
  for (let index = 0; index < BINS.length; index++) {
    const place = BINS[index]! + ZERO
    const count = times.get(BINS[index]!)!
    bytes[at++] = place >> 16
    bytes[at++] = place >> 8
    bytes[at++] = place
    if (view !== undefined) view.setFloat64(at, count)
    else {
      if (width === 4) {
        bytes[at] = count >>> 24
        bytes[at + 1] = count >>> 16
      }
      if (width !== 1) bytes[at + width - 2] = count >>> 8
      bytes[at + width - 1] = count
    }
    at += width
  }
  return at
}

/** Whether all times are whole and below 2^32: added in any order, they make the same sum. */
export function isExact(bytes: Uint8Array, offset: number): boolean {
  return bytes[offset] !== WIDEST
}

/** The times of each bin together, ascending if they come from one; undefined if some bytes hold no packed bins, or if times are infinite together. */
export function join(all: readonly Uint8Array[]): Map<number, number> | undefined {
  let [first, last, entries] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  for (const bytes of all) {
    const width = bytes[0]
    if (!isWidth(width) || bytes.length === 1 || (bytes.length - 1) % (BIN + width) !== 0) return undefined
    first = Math.min(first, binAt(bytes, 1))
    last = Math.max(last, binAt(bytes, bytes.length - BIN - width))
    entries += (bytes.length - 1) / (BIN + width)
  }
  if (!(first <= last && isBin(first) && isBin(last))) return undefined
  return all.length > 1 && last - first < entries * CLOSE ? addedInList(all, first, last) : addedInMap(all)
}

function addedInMap(all: readonly Uint8Array[]): Map<number, number> | undefined {
  const times = new Map<number, number>()
  for (const [index, bytes] of all.entries()) {
    const isRight = eachBin(bytes, (bin, count) => {
      times.set(bin, index === 0 ? count : (times.get(bin) ?? 0) + count)
    })
    if (!isRight) return undefined
  }
  if (all.length > 1) for (const sum of times.values()) if (!Number.isFinite(sum)) return undefined
  return times
}

/** The same where most bins from the first to the last are there: adding to a list takes a tenth of adding to a Map. */
function addedInList(all: readonly Uint8Array[], first: number, last: number): Map<number, number> | undefined {
  const sums = new Float64Array(last - first + 1).fill(Number.NaN)
  for (const bytes of all) {
    const isRight = eachBin(bytes, (bin, count) => {
      const sum = sums[bin - first]!
      sums[bin - first] = Number.isNaN(sum) ? count : sum + count
    })
    if (!isRight) return undefined
  }
  const times = new Map<number, number>()
  for (let index = 0; index < sums.length; index++) {
    const sum = sums[index]!
    if (Number.isNaN(sum)) continue
    if (!Number.isFinite(sum)) return undefined
    times.set(first + index, sum)
  }
  return times
}

/** Calls `each` with the bins of bytes of the right length, and returns whether they ascend and their times are finite. */
function eachBin(bytes: Uint8Array, each: (bin: number, count: number) => void): boolean {
  const width = bytes[0] as Width
  const view = width === WIDEST ? viewOf(bytes) : undefined
  for (let at = 1, last = Number.NEGATIVE_INFINITY; at < bytes.length; at += width) {
    const bin = binAt(bytes, at)
    at += BIN
    const count = view === undefined ? wholeAt(bytes, at, width) : view.getFloat64(at)
    if (!(bin > last && Number.isFinite(count))) return false
    each(bin, count)
    last = bin
  }
  return true
}

function binAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!) - ZERO
}

function wholeAt(bytes: Uint8Array, at: number, width: Width): number {
  let whole = 0
  for (let index = 0; index < width; index++) whole = whole * 256 + bytes[at + index]!
  return whole
}

function widthFor(most: number): Width {
  if (most < 2 ** 8) return 1
  if (most < 2 ** 16) return 2
  return most < 2 ** 32 ? 4 : 8
}

function isWidth(width: number | undefined): width is Width {
  return width === 1 || width === 2 || width === 4 || width === 8
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
