import { daysInMonth } from '../time/civil.ts'

/** `YYYY-MM-DD` of a day that exists, years 0001 to 9999; it is its own canonical form. */
export function canonicalDate(text: string): string | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (match === null) return undefined
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month) ? text : undefined
}

/** `HH:MM:SS[.ffffff]`; canonical without zeros at the end of the fraction. */
export function canonicalTime(text: string): string | undefined {
  const match = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$/.exec(text)
  if (match === null) return undefined
  return match[2] === undefined ? text : text.replace(/\.?0+$/, '')
}
