/**
 * A decimal as core has it, of one as Decimal128 writes it: `1E-7` is `0.0000001`, `1.50` is `1.5`, `-0` is `0`.
 * Decimal128 keeps zeros at the end and takes to an exponent where there are more than six zeros at the start.
 */
export function plainDecimal(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/.exec(text)
  if (match === null) return text
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const point = whole.length + Number(exponent)
  const digits = whole + fraction
  const before = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  const after = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits
  const plainWhole = before.replace(/^0+(?=\d)/, '')
  const plainFraction = after.replace(/0+$/, '')
  if (plainFraction === '') return plainWhole === '0' ? '0' : sign + plainWhole
  return `${sign}${plainWhole}.${plainFraction}`
}
