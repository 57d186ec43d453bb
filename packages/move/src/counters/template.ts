import { invalidOption } from '@kairos/core/driver'

/** Parts of a moment, from the coarsest to the finest: how many digits each has. */
const PARTS = [
  ['yyyy', 4],
  ['MM', 2],
  ['dd', 2],
  ['HH', 2],
  ['mm', 2],
] as const
type Part = (typeof PARTS)[number][0]

/** What a key says: whose counter it is, and the digits of its moment in the order of `PARTS`, as a number: 2026112810. */
interface ParsedKey {
  readonly name: string
  readonly digits: number
}

/** The keys of counters. */
export interface KeyTemplate {
  /** What all keys begin with. */
  readonly prefix: string
  readonly finest: Part
  /** Undefined: it is another key. */
  parse(key: string): ParsedKey | undefined
  keyOf(parsed: ParsedKey): string
}

/**
 * `views:{name}:{yyyy}{MM}{dd}{HH}`. Without `{name}`, all keys are of the name that is given.
 * @throws KAIROS_INVALID_CONFIG
 */
export function keyTemplate(keys: unknown, name: string | undefined): KeyTemplate {
  if (typeof keys !== 'string') throw wrongTemplate(keys)
  const pieces = keys.split(/\{(name|yyyy|MM|dd|HH|mm)\}/)
  const holes = pieces.filter((_, index) => index % 2 === 1)
  const parts = PARTS.filter(([part]) => holes.includes(part))
  const isRow = parts.length > 0 && parts.every(([part], index) => part === PARTS[index]![0])
  if (
    new Set(holes).size !== holes.length ||
    !isRow ||
    /[{}]/.test(pieces.filter((_, index) => index % 2 === 0).join(''))
  )
    throw wrongTemplate(keys)
  if (holes.includes('name') === (name !== undefined))
    throw invalidOption({
      path: 'name',
      expected: holes.includes('name') ? 'left out if keys has {name}' : 'given if keys has no {name}',
      value: name,
    })
  const pattern = pieces.map((piece, index) => (index % 2 === 0 ? escaped(piece) : groupOf(piece))).join('')
  const regex = new RegExp(`^${pattern}$`, 's')
  return {
    prefix: pieces[0]!,
    finest: parts.at(-1)![0],
    parse(key) {
      const groups = regex.exec(key)?.groups
      if (groups === undefined) return undefined
      return { name: name ?? groups.name!, digits: Number(parts.map(([part]) => groups[part]).join('')) }
    },
    keyOf({ name: own, digits }) {
      const fields = fieldsOf(digits, parts)
      return pieces
        .map((piece, index) => (index % 2 === 0 ? piece : piece === 'name' ? own : fields.get(piece as Part)))
        .join('')
    },
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

function groupOf(hole: string): string {
  const digits = PARTS.find(([part]) => part === hole)?.[1]
  return `(?<${hole}>${digits === undefined ? '.+' : `\\d{${digits}}`})`
}

function fieldsOf(digits: number, parts: readonly (typeof PARTS)[number][]): ReadonlyMap<Part, string> {
  const text = String(digits).padStart(
    parts.reduce((sum, [, length]) => sum + length, 0),
    '0',
  )
  const fields = new Map<Part, string>()
  let at = 0
  for (const [part, length] of parts) {
    fields.set(part, text.slice(at, at + length))
    at += length
  }
  return fields
}

function wrongTemplate(keys: unknown): Error {
  return invalidOption({
    path: 'keys',
    expected: 'a key with {yyyy}, {MM}, {dd}, {HH}, {mm}, from the coarsest to the finest, and {name}, each once',
    value: keys,
  })
}
