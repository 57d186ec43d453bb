import type { StringCodec } from '@kairos/core/driver'

/**
 * Encodes the characters that a database's text would lose: U+0000 anywhere, and U+FEFF at the start. Encoded strings are in the same order as the
 * strings themselves, by code points, and those with a prefix begin with the encoded prefix: so names are listed through the index.
 *
 * U+0001 begins an encoded character: `U+0001 0` is U+0000, and `U+0001 1` is U+0001. U+FEFE and U+FEFF at the start are `U+FEFE U+0001 a` and
 * `U+FEFE U+0001 b`.
 * @example orderedCodec({ leadingMark: false }).encode('a\0') // 'a\u00010'
 */
export function orderedCodec({ leadingMark }: { readonly leadingMark: boolean }): StringCodec {
  const lost = leadingMark ? LOST_OR_LEADING : LOST
  return {
    encode: (text) => (lost.test(text) ? text.replace(ALL, spell).replace(LEADING, lead(leadingMark)) : text),
    decode: (text) => (text.includes(ESCAPE) ? text.replace(SPELLED_LEADING, unlead).replace(SPELLED, unspell) : text),
  }
}

const ESCAPE = '\u0001'
const MARK = '\ufeff'
/** The code point before it, which no character has. */
const BEFORE_MARK = '\ufefe'

/* biome-ignore-start lint/suspicious/noControlCharactersInRegex: these are the characters to encode */
const LOST = /[\0\u0001]/
const LOST_OR_LEADING = /[\0\u0001]|^[\ufefe\ufeff]/
const ALL = /[\0\u0001]/g
const LEADING = /^[\ufefe\ufeff]/
const SPELLED = /\u0001([01])/g
const SPELLED_LEADING = /^\ufefe\u0001([ab])/
/* biome-ignore-end lint/suspicious/noControlCharactersInRegex: these are the characters to encode */

function spell(character: string): string {
  return `${ESCAPE}${character === ESCAPE ? 1 : 0}`
}

function unspell(_spelled: string, digit: string): string {
  return digit === '1' ? ESCAPE : '\0'
}

function lead(leadingMark: boolean): (character: string) => string {
  return (character) => (leadingMark ? `${BEFORE_MARK}${ESCAPE}${character === MARK ? 'b' : 'a'}` : character)
}

function unlead(_spelled: string, letter: string): string {
  return letter === 'b' ? MARK : BEFORE_MARK
}
