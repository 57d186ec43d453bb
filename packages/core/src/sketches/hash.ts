import type { Scalar } from '../contract/cells.ts'

/** A hash of 64 bits in two halves, both unsigned. */
export interface Hash {
  readonly high: number
  readonly low: number
}

/** Not 0: of no bytes at all, the hash with the seed 0 is 0. */
const SEED = 0x9747b28c
/** How many bytes are hashed without room of their own: most values are that short. */
const SHORT = 1_024
/** A value's bytes, four in each word, the lowest first. */
const WORDS = new Int32Array(SHORT / 4)
const SCRATCH = new Uint8Array(SHORT)
const VIEW = new DataView(SCRATCH.buffer)
const ENCODER = new TextEncoder()

const last = { high: 0, low: 0 }

/**
 * The hash of a value, which is part of the format of `unique`: it never changes. It is the first 64 bits of MurmurHash3 (x86, 128 bits, A. Appleby)
 * with the seed 0x9747b28c over the value's bytes: UTF-8 of a text, a number as a double and a bigint in two's complement, both in 8 bytes with the
 * highest first, true as 1 and false as 0 in one byte. What is returned lasts until the next call.
 */
export function hashScalar(scalar: Scalar): Hash {
  if (typeof scalar === 'string') return hashText(scalar)
  if (scalar instanceof Uint8Array) return murmur3(scalar, SEED)
  if (typeof scalar === 'boolean') {
    WORDS[0] = scalar ? 1 : 0
    return mixed(WORDS, 1, SEED)
  }
  if (typeof scalar === 'number') VIEW.setFloat64(0, scalar)
  else VIEW.setBigInt64(0, scalar)
  WORDS[0] = VIEW.getInt32(0, true)
  WORDS[1] = VIEW.getInt32(4, true)
  return mixed(WORDS, 8, SEED)
}

/** The first 64 of the 128 bits; what is returned lasts until the next call. */
export function murmur3(bytes: Uint8Array, seed = 0, length: number = bytes.length): Hash {
  const words = length <= SHORT ? WORDS : new Int32Array(Math.ceil(length / 4))
  const whole = length >> 2
  for (let index = 0, at = 0; index < whole; index++, at += 4)
    words[index] = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
  // What a word lacks is zeros.
  let word = 0
  for (let at = length - 1; at >= whole << 2; at--) word = (word << 8) | bytes[at]!
  if (length & 3) words[whole] = word
  return mixed(words, length, seed)
}

/** Most texts are ASCII, whose codes are their bytes: encoding a short one takes longer than hashing it. */
function hashText(text: string): Hash {
  const { length } = text
  if (length <= SHORT && packAscii(text)) return mixed(WORDS, length, SEED)
  // A code unit takes at most three bytes.
  if (length * 3 > SHORT) return murmur3(ENCODER.encode(text), SEED)
  return murmur3(SCRATCH, SEED, ENCODER.encodeInto(text, SCRATCH).written)
}

/** Whether it is ASCII; its codes are then in WORDS. */
function packAscii(text: string): boolean {
  const { length } = text
  let at = 0
  for (; at + 4 <= length; at += 4) {
    const one = text.charCodeAt(at)
    const two = text.charCodeAt(at + 1)
    const three = text.charCodeAt(at + 2)
    const four = text.charCodeAt(at + 3)
    if ((one | two | three | four) > 127) return false
    WORDS[at >> 2] = one | (two << 8) | (three << 16) | (four << 24)
  }
  let word = 0
  for (let end = length - 1; end >= at; end--) {
    const code = text.charCodeAt(end)
    if (code > 127) return false
    word = (word << 8) | code
  }
  if (length & 3) WORDS[at >> 2] = word
  return true
}

/** Of as many bytes of these words. */
function mixed(words: Int32Array, length: number, seed: number): Hash {
  let [h1, h2, h3, h4] = [seed, seed, seed, seed]
  const blocks = (length >> 4) << 2
  for (let at = 0; at < blocks; at += 4) {
    h1 = Math.imul(rotated(h1 ^ mixed1(words[at]!), 19) + h2, 5) + 0x561ccd1b
    h2 = Math.imul(rotated(h2 ^ mixed2(words[at + 1]!), 17) + h3, 5) + 0x0bcaa747
    h3 = Math.imul(rotated(h3 ^ mixed3(words[at + 2]!), 15) + h4, 5) + 0x96cd1c35
    h4 = Math.imul(rotated(h4 ^ mixed4(words[at + 3]!), 13) + h1, 5) + 0x32ac3b17
  }
  // Of zeros, each mix makes 0.
  const rest = (length & 15) + 3
  if (rest >= 4) h1 ^= mixed1(words[blocks]!)
  if (rest >= 8) h2 ^= mixed2(words[blocks + 1]!)
  if (rest >= 12) h3 ^= mixed3(words[blocks + 2]!)
  if (rest >= 16) h4 ^= mixed4(words[blocks + 3]!)
  h1 ^= length
  h2 ^= length
  h3 ^= length
  h4 ^= length
  h1 = (h1 + h2 + h3 + h4) | 0
  h2 = finished((h2 + h1) | 0)
  h3 = finished((h3 + h1) | 0)
  h4 = finished((h4 + h1) | 0)
  h1 = (finished(h1) + h2 + h3 + h4) | 0
  last.high = h1 >>> 0
  last.low = (h2 + h1) >>> 0
  return last
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
