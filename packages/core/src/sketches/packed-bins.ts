import { isBin } from './bins.ts'

// Bins of a distribution as stores keep them that hold a cell in one value: the width of the times in bytes (1, 2 or 4: whole and not negative; 8: doubles), and then
// for each bin, ascending, its number plus 2^19 in three bytes and its times; the highest byte first. The width is the least that holds all times, so that equal
// distributions have equal bytes.

const ZERO = 2 ** 19
const BIN = 3
const WIDEST = 8

type Width = 1 | 2 | 4 | 8

/** At most how many bytes the bins of a cell have when packed. */
export function mostPacked(times: ReadonlyMap<number, number>): number {
  return 1 + times.size * (BIN + WIDEST)
}

/** Packs the bins of a cell, and returns where they end. */
export function packBins(times: ReadonlyMap<number, number>, bytes: Uint8Array, offset: number): number {
  let [most, last, ascends] = [0, Number.NEGATIVE_INFINITY, true]
  for (const [bin, count] of times) {
    if (!(count >= 0 && count % 1 === 0)) most = Number.POSITIVE_INFINITY
    else if (count > most) most = count
    if (bin < last) ascends = false
    last = bin
  }
  const width = widthFor(most)
  const view = width === WIDEST ? viewOf(bytes) : undefined
  bytes[offset] = width
  let at = offset + 1
  for (const [bin, count] of ascends ? times : [...times].sort(byBin)) {
    const place = bin + ZERO
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

/** The times of each bin together, ascending if they come from one; undefined if some bytes hold no packed bins. */
export function joinBins(all: readonly Uint8Array[]): Map<number, number> | undefined {
  const times = new Map<number, number>()
  for (const [index, bytes] of all.entries()) if (!addTo(times, bytes, index === 0)) return undefined
  return times.size === 0 ? undefined : times
}

/** Whether these bytes hold packed bins. */
function addTo(times: Map<number, number>, bytes: Uint8Array, isFirst: boolean): boolean {
  const width = bytes[0]
  if (!isWidth(width) || bytes.length === 1 || (bytes.length - 1) % (BIN + width) !== 0) return false
  const view = width === WIDEST ? viewOf(bytes) : undefined
  for (let at = 1, last = Number.NEGATIVE_INFINITY; at < bytes.length; at += width) {
    const bin = ((bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!) - ZERO
    at += BIN
    const count = view === undefined ? wholeAt(bytes, at, width) : view.getFloat64(at)
    if (!(bin > last && isBin(bin) && Number.isFinite(count))) return false
    times.set(bin, isFirst ? count : (times.get(bin) ?? 0) + count)
    last = bin
  }
  return true
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

function byBin([one]: readonly [number, number], [other]: readonly [number, number]): number {
  return one - other
}
