/** Numbers in names and labels, as Graphite writes them, so that dashboards that match on them keep working. */

/** With at most six significant digits: C's `%g`. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf'
  if (value === 0) return '0'
  const [digits, exponent] = value.toExponential(5).split('e') as [string, string]
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(Number(value.toPrecision(6)))
  const size = String(Math.abs(power)).padStart(2, '0')
  return `${Number(digits)}e${power < 0 ? '-' : '+'}${size}`
}

/** With a fraction even where it is 0: Python's `str` of a float. */
export function floatText(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value)
}

/** To a number of digits behind the point, or before it where that is negative; halves to the even neighbour. */
export function roundTo(value: number, digits: number): number {
  if (digits < 0) {
    const unit = 10 ** -digits
    return roundTo(value / unit, 0) * unit
  }
  if (!Number.isFinite(value) || Math.abs(value) >= 1e15 || digits > 20) return value
  const fast = roundedFast(value, digits)
  if (fast !== undefined) return fast
  // All digits of the number as it is stored: whether it is a half must not depend on a rounded product.
  const exact = Math.abs(value).toFixed(Math.min(100, digits + 60))
  const cut = exact.indexOf('.') + 1 + digits
  const half = /^50*$/.test(exact.slice(cut))
  const below = Number(exact.slice(0, cut))
  const even = Number(exact.slice(0, cut).replace('.', '').slice(-1)) % 2 === 0
  const size = half && even ? below : Number(Math.abs(value).toFixed(digits))
  return value < 0 ? -size : size
}

/** The same, ten times as fast, for a number that is clearly no half; undefined for one that may be. */
function roundedFast(value: number, digits: number): number | undefined {
  const unit = 10 ** digits
  const scaled = value * unit
  // Up to here the product is off by less than 2 ** -11.
  if (Math.abs(scaled) >= 2 ** 42) return undefined
  const whole = Math.round(scaled)
  if (Math.abs(Math.abs(scaled - whole) - 0.5) < 2 ** -9) return undefined
  // Both are exact, so that the quotient is the double next to the decimal.
  return whole / unit
}
