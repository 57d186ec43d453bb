import { parseSpan } from '@kairos/core/calls'
import { mustBe } from '../misuse.ts'

/** The seconds of a span of a flag. @throws Misuse */
export function spanOf(flag: string, text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(s|min|h|d)$/.exec(text.trim()) ?? []
  if (number !== undefined && Number(number) > 0) return Number(number) * parseSpan(`1${unit}`)
  throw mustBe(flag, 'a span such as 5s, 10min or 1h', text)
}
