import { RequestError } from '@kairos/events/http'
import type { CallExpression, Expression } from './expression.ts'
import { fillTemplate } from './template.ts'

const LONGEST_TARGET = 16_384
const DEEPEST = 50
const MOST_PARTS = 2_000

const SPACE = /[ \t\r\n]*/y
const WORD = /(?:[^\s(){},.'"\\|]|\\[(){},.'"\\|=])+/y
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE]-?\d+)?(?=[ \t\r\n]*(?:[,)]|$))/y
const KEYWORD = /(?:true|false|none|inf)(?=[ \t\r\n]*(?:[,)]|$))/iy
const STRING = /"(?:[^"\\\r\n]|\\[^\r\n])*"|'(?:[^'\\\r\n]|\\[^\r\n])*'/y
const NAMED = /([A-Za-z_][A-Za-z0-9_]*)[ \t\r\n]*=[ \t\r\n]*/y

const KEYWORDS: Readonly<Record<string, boolean | number | null>> = {
  true: true,
  false: false,
  none: null,
  inf: Number.POSITIVE_INFINITY,
}

/**
 * Parses a target of Graphite. A template's variables are put in, those of the request before its own.
 * @throws RequestError if it is not one, is longer than 16,384 characters, has more than 2,000 parts or calls within more than 50 others
 */
export function parseTarget(target: string, variables: Readonly<Record<string, string>> = {}): Expression {
  if (target.length > LONGEST_TARGET)
    throw new RequestError(400, `a target must have at most ${LONGEST_TARGET} characters, not ${target.length}`)
  return new TargetParser(target, variables).parse()
}

class TargetParser {
  readonly #text: string
  readonly #variables: Readonly<Record<string, string>>
  #at = 0
  #depth = 0
  #parts = 0

  constructor(text: string, variables: Readonly<Record<string, string>>) {
    this.#text = text
    this.#variables = variables
  }

  parse(): Expression {
    const expression = this.#expression()
    this.#space()
    if (this.#at < this.#text.length) throw this.#unexpected('the end of the target')
    return expression
  }

  /** A path or a call, and the calls that it is piped through. */
  #expression(): Expression {
    let expression = this.#pathOrCall()
    for (this.#space(); this.#take('|'); this.#space()) {
      const start = this.#at
      const next = this.#pathOrCall()
      if (next.kind !== 'call')
        throw new RequestError(400, `a target must be piped into a function, not ${this.#shown(start)}`)
      expression = { ...next, args: [expression, ...next.args] }
    }
    return expression
  }

  #pathOrCall(): Expression {
    this.#space()
    if (++this.#parts > MOST_PARTS) throw new RequestError(400, `a target must have at most ${MOST_PARTS} parts`)
    const start = this.#at
    const name = this.#match(IDENTIFIER)
    this.#space()
    if (name !== undefined && this.#take('(')) return this.#call(name, start)
    this.#at = start
    return { kind: 'path', path: this.#path() }
  }

  #call(name: string, start: number): Expression {
    if (++this.#depth > DEEPEST) throw new RequestError(400, `a target must have at most ${DEEPEST} nested calls`)
    const args: Expression[] = []
    const named: Record<string, Expression> = Object.create(null)
    for (this.#space(); !this.#take(')'); this.#space()) {
      if ((args.length > 0 || Object.keys(named).length > 0) && !this.#take(',')) throw this.#unexpected('"," or ")"')
      this.#space()
      const keyword = this.#match(NAMED)?.split('=')[0]?.trim()
      const value = this.#argument()
      if (keyword !== undefined) named[keyword] = value
      else if (Object.keys(named).length > 0) throw this.#unexpected('an argument with a name after one with a name')
      else args.push(value)
    }
    this.#depth -= 1
    const call: CallExpression = { kind: 'call', name, args, named, text: this.#text.slice(start, this.#at) }
    return name === 'template' ? fillTemplate(call, this.#variables) : call
  }

  #argument(): Expression {
    if (++this.#parts > MOST_PARTS) throw new RequestError(400, `a target must have at most ${MOST_PARTS} parts`)
    const keyword = this.#match(KEYWORD)
    if (keyword !== undefined) return { kind: 'literal', value: KEYWORDS[keyword.toLowerCase()]! }
    const number = this.#match(NUMBER)
    if (number !== undefined) return { kind: 'literal', value: Number(number) }
    const quoted = this.#match(STRING)
    // As Graphite has it: what is between the quotation marks, with its backslashes, as regular expressions need them.
    if (quoted !== undefined) return { kind: 'literal', value: quoted.slice(1, -1) }
    return this.#expression()
  }

  #path(): string {
    let path = ''
    do {
      const start = this.#at
      for (;;) {
        const word = this.#match(WORD)
        if (word !== undefined) path += word.replace(/\\(.)/g, '$1')
        else if (this.#text[this.#at] === '{') path += this.#alternatives()
        else break
      }
      if (this.#at === start) throw this.#unexpected('a metric or a function')
      if (this.#text[this.#at] === '.') path += '.'
    } while (this.#take('.'))
    return path
  }

  #alternatives(): string {
    const end = this.#text.indexOf('}', this.#at)
    const group = end < 0 ? '' : this.#text.slice(this.#at, end + 1)
    if (!/^\{[^\s(){}.'"\\|]*\}$/.test(group)) throw this.#unexpected('alternatives such as {a,b}')
    this.#at = end + 1
    return group
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #space(): void {
    this.#match(SPACE)
  }

  #shown(at: number): string {
    return at < this.#text.length ? JSON.stringify(this.#text.slice(at, at + 20)) : 'the end'
  }

  #unexpected(expected: string): RequestError {
    return new RequestError(
      400,
      `the target must have ${expected} at character ${this.#at + 1}, not ${this.#shown(this.#at)}`,
    )
  }
}
