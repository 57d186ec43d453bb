/** In characters. Longer decimals are mostly zeros after the point, thousands of which would not fit in a key. */
const MOST_DECIMAL = 64

/**
 * A canonical decimal as text of at most 64 characters: unchanged, or with an exponent, which databases read as a number too. Different decimals stay
 * different, since one with an exponent would be longer without it.
 * @example storedDecimal(`0.${'0'.repeat(2_998)}12`) // '12e-3000'
 */
export function storedDecimal(decimal: string): string {
  if (decimal.length <= MOST_DECIMAL) return decimal
  const [whole = '', fraction = ''] = decimal.replace('-', '').split('.')
  return `${decimal.startsWith('-') ? '-' : ''}${(whole + fraction).replace(/^0+/, '')}e-${fraction.length}`
}

/** The canonical decimal, from the text of `storedDecimal`. */
export function decimalFrom(stored: string): string {
  const [, sign = '', digits = '', places] = /^(-?)(\d+)e-(\d+)$/.exec(stored) ?? []
  if (places === undefined) return stored
  const padded = digits.padStart(Number(places) + 1, '0')
  return `${sign}${padded.slice(0, -Number(places))}.${padded.slice(-Number(places))}`
}
