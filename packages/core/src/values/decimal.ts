const MOST_DIGITS = 34
/** Decimal128 has no more decimal places, and stores keep the same range. */
const MOST_PLACES = 6_176

/**
 * The canonical form of a decimal: no `+`, no leading zeros, no zeros after the last digit of the fraction; `'-0'` is `'0'`.
 * Undefined for anything but digits with an optional sign and fraction, or with more than 34 significant digits.
 */
export function canonicalDecimal(text: string): string | undefined {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (match === null) return undefined
  const whole = match[2]!.replace(/^0+(?=\d)/, '')
  const fraction = withoutZerosAtEnd(match[3] ?? '')
  const digits = (whole + fraction).replace(/^0+/, '').length
  if (digits > MOST_DIGITS || fraction.length > MOST_PLACES) return undefined
  if (digits === 0) return '0'
  return `${match[1] === '-' ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** Not `/0+$/`, which takes quadratic time on a long run of zeros before another digit. */
function withoutZerosAtEnd(digits: string): string {
  let end = digits.length
  while (digits[end - 1] === '0') end--
  return digits.slice(0, end)
}

/** Order of two canonical decimals as numbers: negative, 0 or positive. */
export function compareDecimals(a: string, b: string): number {
  const negative = a.startsWith('-')
  if (negative !== b.startsWith('-')) return negative ? -1 : 1
  return negative ? compareMagnitudes(b.slice(1), a.slice(1)) : compareMagnitudes(a, b)
}

function compareMagnitudes(a: string, b: string): number {
  const [wholeA = '', fractionA = ''] = a.split('.')
  const [wholeB = '', fractionB = ''] = b.split('.')
  if (wholeA.length !== wholeB.length) return wholeA.length - wholeB.length
  const digitsA = wholeA + fractionA
  const digitsB = wholeB + fractionB
  return digitsA < digitsB ? -1 : digitsA > digitsB ? 1 : 0
}
