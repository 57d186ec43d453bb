const [DOT, PLUS, MINUS, ZERO] = [46, 43, 45, 48]
/** Powers of ten that are exact. */
export const POWERS: readonly number[] = Array.from({ length: 23 }, (_, power) => 10 ** power)
/** This many digits always fit a double. */
export const EXACT_DIGITS = 15

/** In one way only, so that digits with something else behind them are not tried in as many ways as there are. */
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i
/** Characters of the longest number that anybody sends. */
const LONGEST = 400

/** The finite decimal number in bytes, or NaN. Both parts of the usual case are exact, so that one division rounds as it should. */
export function parseNumber(bytes: Buffer, start: number, end: number): number {
  let at = start
  const sign = bytes[at]
  if (sign === MINUS || sign === PLUS) at++
  let [whole, digits, scale, dot] = [0, 0, 0, false]
  for (; at < end; at++) {
    const byte = bytes[at]!
    const digit = byte - ZERO
    if (digit >= 0 && digit <= 9) {
      whole = whole * 10 + digit
      digits++
      if (dot) scale++
    } else if (byte === DOT && !dot) dot = true
    else return parseDecimal(bytes.toString('latin1', start, end))
  }
  if (digits === 0) return Number.NaN
  if (digits > EXACT_DIGITS) return parseDecimal(bytes.toString('latin1', start, end))
  const value = scale === 0 ? whole : whole / POWERS[scale]!
  return sign === MINUS ? -value : value
}

/** The same for a text. */
export function parseDecimal(text: string): number {
  const value = text.length <= LONGEST && DECIMAL.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value : Number.NaN
}
