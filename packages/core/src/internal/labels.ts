import { KairosError } from '../errors.ts'
import { describe } from './describe.ts'
import { isRecord } from './kinds.ts'
import { compareCodePoints } from './order.ts'

/** What a label may be given as; it is kept as text. */
export type LabelValue = string | number | bigint | boolean

/**
 * A name with labels: `name` is the name itself, every other key a label, of which none needs to be there. As text it is Graphite's form of tags.
 * @example `const name: LabelledName = { name: 'requests', route: '/x', status: 200 } // requests;route=/x;status=200`
 */
export type LabelledName<Label extends string = string> = { readonly name: string } & (string extends Label
  ? { readonly [label: string]: LabelValue }
  : { readonly [Key in Label]?: LabelValue })

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is written as %XX
const SPECIAL = /[;=%\u0000-\u001f\u007f]/g
/** `%XX` of one of these; any other `%` is a `%`. */
const ESCAPED = /%(3[BD]|25|[01][0-9A-F]|7F)/gi

/**
 * The name that an object is stored under: the name, then its labels by code points, with `;`, `=`, `%` and control characters as `%XX`. Texts must
 * not be empty; numbers must be finite.
 * @throws KAIROS_INVALID_VALUE
 * @example `formatName({ name: 'requests', status: 200, route: '/x' }) // 'requests;route=/x;status=200'`
 */
export function formatName(labelled: LabelledName): string {
  if (!isRecord(labelled)) {
    throw new KairosError(
      'KAIROS_INVALID_VALUE',
      `a name with labels must be an object such as { name: 'requests', route: '/x' }, not ${describe(labelled)}`,
      { value: labelled },
    )
  }
  const { name, ...labels } = labelled
  let text = escaped(checkedText('name', name))
  for (const label of Object.keys(labels).sort(compareCodePoints)) {
    text += `;${escaped(checkedText('a label', label))}=${escaped(labelText(label, labels[label]))}`
  }
  return text
}

/**
 * The name and labels of a text in Graphite's form, as `formatName` makes it; the labels may be in any order. `formatName(parseName(text))` is the
 * text that Kairos stores. A text without `;` is a name without labels.
 * @throws KAIROS_INVALID_VALUE for a label that is empty, that comes twice or that is called `name`
 * @example `parseName('requests;status=200;route=/x') // { name: 'requests', status: '200', route: '/x' }`
 */
export function parseName(text: string): { readonly name: string; readonly [label: string]: string } {
  const [name, ...pairs] = checkedText('a name', text).split(';') as [string, ...string[]]
  const labels = new Map([['name', unescaped(name)]])
  if (name === '') throw malformed(text, 'begin with a name')
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals < 1 || equals === pair.length - 1) throw malformed(text, `have label=value after each ";"`)
    const label = unescaped(pair.slice(0, equals))
    if (labels.has(label)) {
      throw malformed(text, label === 'name' ? 'have no label called "name"' : `have each label once`)
    }
    labels.set(label, unescaped(pair.slice(equals + 1)))
  }
  return Object.fromEntries(labels) as ReturnType<typeof parseName>
}

function checkedText(what: string, text: unknown): string {
  if (typeof text === 'string' && text !== '' && text.isWellFormed()) return text
  throw new KairosError(
    'KAIROS_INVALID_VALUE',
    `${what} must be a non-empty string of well-formed Unicode, not ${describe(text)}`,
    { value: text },
  )
}

/**
 * A label's value as text.
 * @throws KAIROS_INVALID_VALUE
 */
export function labelText(label: string, value: unknown): string {
  const isText = typeof value === 'bigint' || typeof value === 'boolean' || Number.isFinite(value)
  if (isText) return String(value)
  if (typeof value === 'string' && value !== '' && value.isWellFormed()) return value
  throw new KairosError(
    'KAIROS_INVALID_VALUE',
    `the label ${describe(label)} must be a non-empty string, a finite number, a bigint or a boolean, not ${describe(value)}; leave out a label without a value`,
    { value },
  )
}

function malformed(text: string, expected: string): KairosError {
  return new KairosError('KAIROS_INVALID_VALUE', `a name with labels must ${expected}, not be ${describe(text)}`, {
    series: text,
    value: text,
  })
}

/** A text as it stands in a name that has labels. */
export function escaped(text: string): string {
  return text.replace(SPECIAL, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

/**
 * A label or its text, from how it stands in a name: what `parseName` makes of it.
 * @example `unescaped('50%25') // '50%'`
 */
export function unescaped(text: string): string {
  return text.replace(ESCAPED, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}
