import { EXACT_DIGITS, POWERS } from './number.ts'

const [DOT, MINUS, ZERO] = [46, 45, 48]

/** Where the number ends that was read last: a function that returned both would make an object for each number. */
export let numberEnd = 0

/** The decimal number at a place, as `parseNumber` reads it: without a plus, an exponent, or more than 15 digits. NaN for others. */
export function shortNumber(bytes: Buffer, start: number): number {
  let at = start
  const isNegative = bytes[at] === MINUS
  if (isNegative) at++
  let value = 0
  let digits = 0
  let point = -1
  for (; ; at++) {
    const byte = bytes[at]!
    const digit = byte - ZERO
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit
      digits++
    } else if (byte === DOT && point === -1) point = digits
    else break
  }
  numberEnd = at
  if (digits === 0 || digits > EXACT_DIGITS) return Number.NaN
  if (point !== -1 && point !== digits) value /= POWERS[digits - point]!
  return isNegative ? -value : value
}
