import { mustBe } from '../misuse.ts'

/** The seconds of the units of spans, as the library has them: `m` is a month of 30 days. */
export const SPANS: Readonly<Record<string, number>> = {
  s: 1,
  min: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
  m: 2_592_000,
  y: 31_536_000,
}

/** The seconds of a span of a flag. @throws Misuse */
export function parseSpan(flag: string, text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(s|min|h|d)$/.exec(text.trim()) ?? []
  if (number !== undefined && Number(number) > 0) return Number(number) * SPANS[unit]!
  throw mustBe(flag, 'a span such as 5s, 10min or 1h', text)
}
