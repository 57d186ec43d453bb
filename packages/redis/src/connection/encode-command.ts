import type { Argument } from './client.ts'

const [CARRIAGE_RETURN, NEWLINE, STAR, DOLLAR, ZERO] = [13, 10, 42, 36, 48]
/** The most bytes of what comes around an argument: its length, and two ends. */
const AROUND = 20
/** Shorter texts are copied by letters: to call what copies them takes longer. */
const SHORT = 24
/** The most bytes of a UTF-16 code unit in UTF-8. */
const LONGEST_UNIT = 3

/**
 * A command as it is sent: how many parts it has, and each with its length in bytes. ioredis makes a buffer of each part where one is bytes, which takes
 * longer than all the rest of a write.
 */
export function encodeCommand(parts: readonly Argument[]): Buffer {
  return encoded(parts, 1) ?? encoded(parts, LONGEST_UNIT)!
}

/** Undefined: there is a letter of more bytes than one, and room for `unit` is not enough. */
function encoded(parts: readonly Argument[], unit: number): Buffer | undefined {
  let most = AROUND
  for (const part of parts) most += AROUND + (typeof part === 'string' ? part.length * unit : part.length)
  const bytes = Buffer.allocUnsafe(most)
  let at = writeLength(bytes, 0, STAR, parts.length)
  for (const part of parts) {
    if (typeof part !== 'string') {
      at = writeLength(bytes, at, DOLLAR, part.length)
      bytes.set(part, at)
      at += part.length
    } else {
      const { length } = part
      const start = writeLength(bytes, at, DOLLAR, length)
      const written = length <= SHORT ? writeLetters(bytes, start, part) : bytes.write(part, start)
      if (written === length) at = start + length
      else if (unit === 1) return undefined
      else {
        at = writeLength(bytes, at, DOLLAR, Buffer.byteLength(part))
        at += bytes.write(part, at)
      }
    }
    bytes[at++] = CARRIAGE_RETURN
    bytes[at++] = NEWLINE
  }
  return bytes.subarray(0, at)
}

/** How many letters were written: up to the first that is more than one byte. */
function writeLetters(bytes: Buffer, start: number, text: string): number {
  for (let index = 0; index < text.length; index++) {
    const letter = text.charCodeAt(index)
    if (letter > 127) return index
    bytes[start + index] = letter
  }
  return text.length
}

/** Returns where it ends. */
function writeLength(bytes: Buffer, start: number, sign: number, length: number): number {
  let digits = 1
  for (let left = length; left >= 10; left = Math.floor(left / 10)) digits++
  bytes[start] = sign
  let left = length
  for (let at = start + digits; at > start; at--) {
    bytes[at] = ZERO + (left % 10)
    left = Math.floor(left / 10)
  }
  bytes[start + digits + 1] = CARRIAGE_RETURN
  bytes[start + digits + 2] = NEWLINE
  return start + digits + 3
}
