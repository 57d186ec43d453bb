import type { Scalar } from '../contract/cells.ts'

/** A hash of 64 bits in two halves, both unsigned. */
export interface Hash {
  high: number
  low: number
}

/** Not 0: of no bytes at all, the hash with the seed 0 is 0. */
const SEED = 0x9747b28c
/** Most values fit, and are not copied. */
const SCRATCH = new Uint8Array(1_024)
const VIEW = new DataView(SCRATCH.buffer)
const ENCODER = new TextEncoder()

/**
 * The hash of a value, which is part of the format of `unique`: it never changes. It is the first 64 bits of MurmurHash3 (x86, 128 bits, A. Appleby)
 * with the seed 0x9747b28c over the value's bytes: UTF-8 of a text, a number as a double and a bigint in two's complement, both in 8 bytes with the
 * highest first, true as 1 and false as 0 in one byte. `into` is filled and returned.
 */
export function hashScalar(scalar: Scalar, into: Hash = { high: 0, low: 0 }): Hash {
  if (typeof scalar === 'string') {
    // A code unit takes at most three bytes.
    if (scalar.length * 3 > SCRATCH.length) return murmur3(ENCODER.encode(scalar), undefined, SEED, into)
    return murmur3(SCRATCH, ENCODER.encodeInto(scalar, SCRATCH).written, SEED, into)
  }
  if (scalar instanceof Uint8Array) return murmur3(scalar, scalar.length, SEED, into)
  if (typeof scalar === 'number') VIEW.setFloat64(0, scalar)
  else if (typeof scalar === 'bigint') VIEW.setBigInt64(0, scalar)
  else SCRATCH[0] = scalar ? 1 : 0
  return murmur3(SCRATCH, typeof scalar === 'boolean' ? 1 : 8, SEED, into)
}

/** The first 64 of the 128 bits. */
export function murmur3(
  bytes: Uint8Array,
  length: number = bytes.length,
  seed = 0,
  into: Hash = { high: 0, low: 0 },
): Hash {
  let [h1, h2, h3, h4] = [seed, seed, seed, seed]
  const whole = length - (length % 16)
  for (let at = 0; at < whole; at += 16) {
    h1 = Math.imul(rotated(h1 ^ mixed1(wordAt(bytes, at)), 19) + h2, 5) + 0x561ccd1b
    h2 = Math.imul(rotated(h2 ^ mixed2(wordAt(bytes, at + 4)), 17) + h3, 5) + 0x0bcaa747
    h3 = Math.imul(rotated(h3 ^ mixed3(wordAt(bytes, at + 8)), 15) + h4, 5) + 0x96cd1c35
    h4 = Math.imul(rotated(h4 ^ mixed4(wordAt(bytes, at + 12)), 13) + h1, 5) + 0x32ac3b17
  }
  // What is left of a word is filled with zeros, of which each mix makes 0.
  h1 ^= mixed1(endAt(bytes, whole, length))
  h2 ^= mixed2(endAt(bytes, whole + 4, length))
  h3 ^= mixed3(endAt(bytes, whole + 8, length))
  h4 ^= mixed4(endAt(bytes, whole + 12, length))
  h1 ^= length
  h2 ^= length
  h3 ^= length
  h4 ^= length
  h1 = (h1 + h2 + h3 + h4) | 0
  h2 = finished((h2 + h1) | 0)
  h3 = finished((h3 + h1) | 0)
  h4 = finished((h4 + h1) | 0)
  h1 = (finished(h1) + h2 + h3 + h4) | 0
  into.high = h1 >>> 0
  into.low = (h2 + h1) >>> 0
  return into
}

/** Four bytes, the lowest first. */
function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

function endAt(bytes: Uint8Array, at: number, length: number): number {
  let word = 0
  for (let index = Math.min(length, at + 4) - 1; index >= at; index--) word = (word << 8) | bytes[index]!
  return word
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

function mixed1(word: number): number {
  return Math.imul(rotated(Math.imul(word, 0x239b961b), 15), 0xab0e9789)
}

function mixed2(word: number): number {
  return Math.imul(rotated(Math.imul(word, 0xab0e9789), 16), 0x38b34ae5)
}

function mixed3(word: number): number {
  return Math.imul(rotated(Math.imul(word, 0x38b34ae5), 17), 0xa1e38b93)
}

function mixed4(word: number): number {
  return Math.imul(rotated(Math.imul(word, 0xa1e38b93), 18), 0x239b961b)
}

function finished(word: number): number {
  let hash = word
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
