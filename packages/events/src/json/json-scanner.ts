import { KairosError } from '@kairos/core'

/** Levels of nesting. Deeper JSON is refused, so that no reader runs out of stack. */
export const DEEPEST = 100

const INT64_LEAST = -(2n ** 63n)
const INT64_MOST = 2n ** 63n - 1n
/** Digits that always fit into 64 bits. */
const SAFE_DIGITS = 18
/** With more keys than this, a set is used instead of a list. */
const MANY_KEYS = 8

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39

/**
 * Scans JSON once, value by value, and gives each as canonical text: no white space outside strings, printable ASCII with `\u` escapes, numbers
 * and members exactly as written. Unlike JSON.parse, it turns no number into a double, so nothing is lost.
 *
 * It refuses what JSON forbids, and what readers would lose: duplicate keys in one object, integers beyond 64 bits, numbers beyond a double
 * (1e400), more than 100 levels. Every error is KAIROS_INVALID_VALUE, with the position.
 */
export class JsonScanner {
  readonly #text: string
  #at = 0
  /** The canonical text so far, without the run from `#run` on, which is already canonical in the source. */
  #done = ''
  #run = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The kind of the next value, by its first character. */
  kind(): 'object' | 'array' | 'other' {
    this.#space()
    const first = this.#text[this.#at]
    return first === '{' ? 'object' : first === '[' ? 'array' : 'other'
  }

  /** Reads the next value, and returns its canonical text. */
  value(depth = 0): string {
    this.#space()
    this.#begin()
    this.#value(depth)
    return this.#end()
  }

  /** Reads the next value, an object. `member` must read the value of each key; `keyText` is the key as canonical JSON. */
  members(member: (key: string, keyText: string) => void): void {
    this.#expect('{')
    const keys = new Keys()
    if (this.#closes('}')) return
    do {
      this.#space()
      this.#begin()
      this.#string()
      const keyText = this.#end()
      const key = decodeKey(keyText)
      if (!keys.add(key)) throw this.#error(`duplicate key ${short(keyText)}`)
      this.#expect(':')
      member(key, keyText)
    } while (this.#continues('}'))
  }

  /** Reads the next value, an array. `item` must read each item. */
  items(item: (index: number) => void): void {
    this.#expect('[')
    if (this.#closes(']')) return
    let index = 0
    do {
      item(index++)
    } while (this.#continues(']'))
  }

  /** Checks that nothing but white space follows. */
  end(): void {
    this.#space()
    if (this.#at < this.#text.length) throw this.#error('unexpected text after the value')
  }

  #begin(): void {
    this.#done = ''
    this.#run = this.#at
  }

  #end(): string {
    return this.#done + this.#text.slice(this.#run, this.#at)
  }

  /** Skips white space. */
  #space(): void {
    const text = this.#text
    let at = this.#at
    let code = text.charCodeAt(at)
    if (code > 0x20 || Number.isNaN(code)) return
    this.#done += text.slice(this.#run, at)
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = text.charCodeAt(++at)
    this.#at = at
    this.#run = at
  }

  #value(depth: number): void {
    const code = this.#text.charCodeAt(this.#at)
    if (code === QUOTE) this.#string()
    else if (code === 0x7b) this.#object(depth + 1)
    else if (code === 0x5b) this.#array(depth + 1)
    else if (code === MINUS || (code >= ZERO && code <= NINE)) this.#number()
    else if (!this.#word('true') && !this.#word('false') && !this.#word('null')) throw this.#error('not a JSON value')
  }

  #word(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false
    this.#at += word.length
    return true
  }

  #object(depth: number): void {
    if (depth > DEEPEST) throw this.#error(`nested deeper than ${DEEPEST} levels`)
    this.#at++
    const keys = new Keys()
    if (this.#closes('}')) return
    do {
      this.#space()
      const start = this.#at
      this.#string()
      const raw = this.#text.slice(start, this.#at)
      if (!keys.add(decodeKey(raw))) throw this.#error(`duplicate key ${short(raw)}`)
      this.#expect(':')
      this.#space()
      this.#value(depth)
    } while (this.#continues('}'))
  }

  #array(depth: number): void {
    if (depth > DEEPEST) throw this.#error(`nested deeper than ${DEEPEST} levels`)
    this.#at++
    if (this.#closes(']')) return
    do {
      this.#space()
      this.#value(depth)
    } while (this.#continues(']'))
  }

  #string(): void {
    const text = this.#text
    if (text.charCodeAt(this.#at) !== QUOTE) throw this.#error('expected a string')
    for (let at = this.#at + 1; ; ) {
      const code = text.charCodeAt(at)
      if (code === QUOTE) {
        this.#at = at + 1
        return
      }
      if (code === BACKSLASH) at += this.#escape(at)
      else if (code >= 0x20 && code < 0x7f) at++
      else if (code >= 0x7f) {
        this.#done += `${text.slice(this.#run, at)}\\u${code.toString(16).padStart(4, '0')}`
        this.#run = ++at
      } else {
        this.#at = at
        throw this.#error(Number.isNaN(code) ? 'unterminated string' : 'control character in a string')
      }
    }
  }

  /** The length of the escape at `at`. */
  #escape(at: number): number {
    const letter = this.#text[at + 1]
    if (letter !== undefined && '"\\/bfnrt'.includes(letter)) return 2
    if (letter === 'u' && /^[0-9a-f]{4}$/i.test(this.#text.slice(at + 2, at + 6))) return 6
    this.#at = at
    throw this.#error('unknown escape in a string')
  }

  #number(): void {
    const start = this.#at
    if (this.#text.charCodeAt(this.#at) === MINUS) this.#at++
    const first = this.#at
    this.#digits()
    const digits = this.#at - first
    if (digits > 1 && this.#text.charCodeAt(first) === ZERO) throw this.#error('number with a leading 0')
    let isInteger = true
    if (this.#text[this.#at] === '.') {
      isInteger = false
      this.#at++
      this.#digits()
    }
    if (this.#text[this.#at] === 'e' || this.#text[this.#at] === 'E') {
      isInteger = false
      this.#at++
      if (this.#text[this.#at] === '+' || this.#text[this.#at] === '-') this.#at++
      this.#digits()
    }
    if (isInteger ? digits > SAFE_DIGITS : true) this.#checkRange(this.#text.slice(start, this.#at), isInteger)
  }

  #digits(): void {
    const start = this.#at
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (!(code >= ZERO && code <= NINE)) break
      this.#at++
    }
    if (this.#at === start) throw this.#error('expected a digit')
  }

  #checkRange(literal: string, isInteger: boolean): void {
    // Length first: parsing a million digits takes long.
    const fits = isInteger
      ? literal.length <= 20 && BigInt(literal) >= INT64_LEAST && BigInt(literal) <= INT64_MOST
      : Number.isFinite(Number(literal))
    if (!fits) {
      throw this.#error(
        `number ${literal.slice(0, 30)} beyond ${isInteger ? '64 bits' : 'a double'}, which readers would lose`,
      )
    }
  }

  #expect(character: string): void {
    this.#space()
    if (this.#text[this.#at] !== character) throw this.#error(`expected ${character}`)
    this.#at++
  }

  /** After an opening bracket: whether the object or array is empty. */
  #closes(bracket: string): boolean {
    this.#space()
    if (this.#text[this.#at] !== bracket) return false
    this.#at++
    return true
  }

  /** After a member or an item: whether another one follows. */
  #continues(bracket: string): boolean {
    this.#space()
    const code = this.#text.charCodeAt(this.#at)
    if (code === COMMA) {
      this.#at++
      return true
    }
    if (this.#text[this.#at] !== bracket) throw this.#error(`expected , or ${bracket}`)
    this.#at++
    return false
  }

  #error(message: string): KairosError {
    const where = this.#at >= this.#text.length ? 'at the end' : `at character ${this.#at + 1}`
    return new KairosError('KAIROS_INVALID_VALUE', `invalid JSON ${where}: ${message}`)
  }
}

/** The keys of one object: a list while there are only a few, as in most objects. */
class Keys {
  readonly #few: string[] = []
  #many: Set<string> | undefined

  /** Whether the key is new. */
  add(key: string): boolean {
    if (this.#many !== undefined) return this.#many.size !== this.#many.add(key).size
    if (this.#few.includes(key)) return false
    this.#few.push(key)
    if (this.#few.length > MANY_KEYS) this.#many = new Set(this.#few)
    return true
  }
}

/** The start of a text, which may be as long as the request. */
function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function decodeKey(text: string): string {
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1)
}
