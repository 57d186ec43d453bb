import { mustBe } from '../misuse.ts'

/** `day=minute` as an object. @throws Misuse */
export function pairsOf(flag: string, expected: string, pairs: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, left, right] = /^([^=]+)=([^=]+)$/.exec(pair) ?? []
      if (left === undefined || right === undefined) throw mustBe(flag, `pairs of ${expected}`, pair)
      return [left, right]
    }),
  )
}
