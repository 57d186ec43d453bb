import { isUtf8 } from 'node:buffer'
import { parseDecimal } from '../write/number.ts'

/** What a pickle may hold here. A tuple is a list, too. */
export type Unpickled = string | number | readonly Unpickled[]

/** Bytes that are not a pickle of lists, tuples, texts and numbers. */
export class PickleError extends Error {}

const MARK: unique symbol = Symbol('mark')
type Stacked = Unpickled | typeof MARK

/** Bytes of the longest whole number, which is larger than any double. */
const LONGEST_NUMBER = 400

/**
 * Reads a pickle of protocol 0, 1 or 2. It can make nothing but lists, tuples, texts and numbers: there is no way to name a class or a function. What
 * it holds is no larger than the pickle, since what is repeated is not copied.
 * @throws PickleError
 */
export function readPickle(bytes: Buffer): Unpickled {
  return new PickleReader(bytes).read()
}

class PickleReader {
  readonly #bytes: Buffer
  readonly #stack: Stacked[] = []
  readonly #memo = new Map<number, Unpickled>()
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  read(): Unpickled {
    for (;;) {
      const opcode = this.#take(1)[0]!
      if (opcode === 0x2e) return this.#pop()
      const step = STEPS[opcode]
      if (step === undefined)
        throw new PickleError(`a pickle must hold only lists, tuples, texts and numbers, not opcode ${opcode}`)
      step(this)
    }
  }

  push(value: Stacked): void {
    this.#stack.push(value)
  }

  mark(): void {
    this.#stack.push(MARK)
  }

  protocol(): void {
    const version = this.#take(1)[0]!
    if (version > 2) throw new PickleError(`a pickle must be of protocol 0, 1 or 2, not ${version}`)
  }

  /** A whole number of this many bytes. */
  whole(bytes: number): number {
    return this.#take(bytes).readUIntLE(0, bytes)
  }

  signed(): number {
    return this.#take(4).readInt32LE()
  }

  double(): number {
    return this.#take(8).readDoubleBE()
  }

  long(length: number): number {
    if (length > LONGEST_NUMBER) throw new PickleError('a number in a pickle must be shorter')
    const digits = Buffer.from(this.#take(length)).reverse().toString('hex')
    if (digits === '') return 0
    return Number(BigInt.asIntN(length * 8, BigInt(`0x${digits}`)))
  }

  line(): string {
    const end = this.#bytes.indexOf(10, this.#at)
    if (end === -1) throw new PickleError('a pickle must be whole')
    const text = this.#bytes.toString('latin1', this.#at, end)
    this.#at = end + 1
    return text
  }

  /** A number as text; NaN is refused later. */
  decimal(): number {
    return parseDecimal(this.line().replace(/L$/, ''))
  }

  text(length: number): string {
    const bytes = this.#take(length)
    if (!isUtf8(bytes)) throw new PickleError('the texts of a pickle must be UTF-8')
    return bytes.toString('utf8')
  }

  remember(key: number): void {
    const top = this.#stack.at(-1)
    if (top === undefined || top === MARK) throw new PickleError('a pickle must have a value to store')
    this.#memo.set(key, top)
  }

  recall(key: number): void {
    const value = this.#memo.get(key)
    if (value === undefined) throw new PickleError('a pickle must store a value before it recalls it')
    this.#stack.push(value)
  }

  /** What was pushed since the last mark. */
  marked(): Unpickled[] {
    const start = this.#stack.lastIndexOf(MARK)
    if (start === -1) throw new PickleError('a pickle must have a mark before the end of a list')
    return this.#stack.splice(start).slice(1) as Unpickled[]
  }

  tuple(length: number): void {
    const items: Unpickled[] = []
    for (let item = 0; item < length; item++) items.unshift(this.#pop())
    this.#stack.push(items)
  }

  append(items: readonly Unpickled[]): void {
    const list = this.#stack.at(-1)
    if (!Array.isArray(list)) throw new PickleError('a pickle must append to a list')
    for (const item of items) list.push(item)
  }

  appendOne(): void {
    this.append([this.#pop()])
  }

  #pop(): Unpickled {
    const value = this.#stack.pop()
    if (value === undefined || value === MARK) throw new PickleError('a pickle must have a value for each step')
    return value
  }

  #take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new PickleError('a pickle must be whole')
    const bytes = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return bytes
  }
}

/** By opcode, of which the letters are Python's. */
const STEPS: Readonly<Record<number, (reader: PickleReader) => void>> = {
  [code('(')]: (reader) => reader.mark(),
  [code(']')]: (reader) => reader.push([]),
  [code(')')]: (reader) => reader.push([]),
  [code('l')]: (reader) => reader.push(reader.marked()),
  [code('t')]: (reader) => reader.push(reader.marked()),
  [code('a')]: (reader) => reader.appendOne(),
  [code('e')]: (reader) => reader.append(reader.marked()),
  133: (reader) => reader.tuple(1),
  134: (reader) => reader.tuple(2),
  135: (reader) => reader.tuple(3),
  [code('N')]: (reader) => reader.push(Number.NaN),
  [code('I')]: (reader) => reader.push(reader.decimal()),
  [code('L')]: (reader) => reader.push(reader.decimal()),
  [code('F')]: (reader) => reader.push(reader.decimal()),
  [code('G')]: (reader) => reader.push(reader.double()),
  [code('J')]: (reader) => reader.push(reader.signed()),
  [code('K')]: (reader) => reader.push(reader.whole(1)),
  [code('M')]: (reader) => reader.push(reader.whole(2)),
  138: (reader) => reader.push(reader.long(reader.whole(1))),
  139: (reader) => reader.push(reader.long(reader.whole(4))),
  [code('S')]: (reader) => reader.push(unquoted(reader.line())),
  [code('T')]: (reader) => reader.push(reader.text(reader.whole(4))),
  [code('U')]: (reader) => reader.push(reader.text(reader.whole(1))),
  [code('V')]: (reader) => reader.push(unescapedUnicode(reader.line())),
  [code('X')]: (reader) => reader.push(reader.text(reader.whole(4))),
  [code('p')]: (reader) => reader.remember(Number(reader.line())),
  [code('q')]: (reader) => reader.remember(reader.whole(1)),
  [code('r')]: (reader) => reader.remember(reader.whole(4)),
  [code('g')]: (reader) => reader.recall(Number(reader.line())),
  [code('h')]: (reader) => reader.recall(reader.whole(1)),
  [code('j')]: (reader) => reader.recall(reader.whole(4)),
  128: (reader) => reader.protocol(),
}

function code(letter: string): number {
  return letter.charCodeAt(0)
}

const ESCAPED: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
}

/** A text as Python 2 spells it, in quotes. */
function unquoted(line: string): string {
  const [quote] = line
  if (line.length < 2 || (quote !== "'" && quote !== '"') || !line.endsWith(quote))
    throw new PickleError('a text in a pickle must be in quotes')
  const bytes = Buffer.from(
    line
      .slice(1, -1)
      .replace(
        /\\(?:x([0-9a-fA-F]{2})|([0-3]?[0-7]{1,2})|(.))/g,
        (found, hex?: string, octal?: string, letter?: string) => {
          if (letter !== undefined) return ESCAPED[letter] ?? found
          return String.fromCharCode(hex === undefined ? Number.parseInt(octal!, 8) : Number.parseInt(hex, 16))
        },
      ),
    'latin1',
  )
  if (!isUtf8(bytes)) throw new PickleError('the texts of a pickle must be UTF-8')
  return bytes.toString('utf8')
}

/** A text as Python's `raw-unicode-escape` spells it: `\\u` with four digits, `\\U` with eight, and two backslashes are two. */
function unescapedUnicode(line: string): string {
  const escapes = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|\\)/g
  const text = line.replace(escapes, (found, short?: string, long?: string) => {
    const point = Number.parseInt(short ?? long ?? '', 16)
    return point <= 0x10ffff ? String.fromCodePoint(point) : found
  })
  if (!text.isWellFormed()) throw new PickleError('the texts of a pickle must be well-formed')
  return text
}
