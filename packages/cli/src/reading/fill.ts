import { mustBe } from '../misuse.ts'

/** What `--fill` means. @throws Misuse */
export function fillOf(text: string | undefined): 'none' | 'previous' | 'linear' | number | null | undefined {
  if (text === undefined || text === 'none' || text === 'previous' || text === 'linear') return text
  if (text === 'null') return null
  const number = Number(text)
  if (text.trim() !== '' && Number.isFinite(number)) return number
  throw mustBe('--fill', 'none, null, a number, previous or linear', text)
}
